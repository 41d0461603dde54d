import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.previewTable',
  title: 'Preview Rows of a Table',
  icon: '$(open-preview)',
  palette: false,
  sidebar: { trees: ['catalog'], nodes: ['table'], inline: 1, menu: '1_open@1', key: { key: 'ctrl+enter', mac: 'cmd+enter' } },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/catalog.ts')).previewTable(services, args),
});
