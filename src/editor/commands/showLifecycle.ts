import { nodeArguments } from '../arguments.ts';
import { containers, defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.showLifecycle',
  title: 'Which Lifecycle Rule Applies',
  icon: '$(history)',
  palette: false,
  sidebar: { trees: ['buckets'], nodes: [...containers, 'object'], menu: '3_facts@2' },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/buckets.ts')).showLifecycle(services, args),
});
