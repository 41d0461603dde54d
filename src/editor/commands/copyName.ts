import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.copyName',
  title: 'Copy Name in the Catalog',
  icon: '$(copy)',
  palette: false,
  sidebar: { trees: ['catalog'], nodes: ['database', 'table', 'column'], menu: '5_copy@1', key: { key: 'ctrl+c', mac: 'cmd+c' } },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/catalog.ts')).copyName(services, args),
});
