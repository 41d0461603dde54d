import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.showTableData',
  title: 'Show a Table\'s Data in Buckets',
  icon: '$(archive)',
  palette: false,
  sidebar: { trees: ['catalog'], nodes: ['table'], menu: '1_open@3' },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/catalog.ts')).showTableData(services, args),
});
