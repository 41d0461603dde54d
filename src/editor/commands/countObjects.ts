import { nodeArguments } from '../arguments.ts';
import { containers, defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.countObjects',
  title: 'Count Objects',
  icon: '$(symbol-number)',
  palette: false,
  sidebar: { trees: ['buckets'], nodes: containers, inline: 2, inlineNodes: ['zone.uncounted'], menu: '3_facts@1' },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/buckets.ts')).countObjects(services, args),
});
