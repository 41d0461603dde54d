import { nodeArguments } from '../arguments.ts';
import { defineCommand, zones } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.copyPath',
  title: 'Copy Path in the Bucket',
  icon: '$(copy)',
  palette: false,
  sidebar: { trees: ['buckets'], nodes: [...zones, 'folder', 'object'], menu: '5_copy@3' },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/buckets.ts')).copyPath(services, args),
});
