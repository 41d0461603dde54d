import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.selectFromTable',
  title: 'Write SELECT for a Table',
  icon: '$(edit)',
  palette: false,
  sidebar: { trees: ['catalog'], nodes: ['table'], inline: 2, menu: '1_open@2' },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/catalog.ts')).selectFromTable(services, args),
});
