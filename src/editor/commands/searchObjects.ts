import { nodeArguments } from '../arguments.ts';
import { containers, defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.searchObjects',
  title: 'Search Objects by Prefix…',
  icon: '$(search)',
  palette: false,
  sidebar: { trees: ['buckets'], nodes: containers, inline: 2, inlineNodes: ['bucket', 'zone', 'folder'], menu: '1_open@2', title: 'navigation@1' },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/buckets.ts')).searchObjects(services, args),
});
