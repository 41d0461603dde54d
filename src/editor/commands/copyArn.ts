import { nodeArguments } from '../arguments.ts';
import { containers, defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.copyArn',
  title: 'Copy ARN',
  icon: '$(copy)',
  palette: false,
  sidebar: { trees: ['buckets'], nodes: [...containers, 'object'], menu: '5_copy@2' },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/buckets.ts')).copyArn(services, args),
});
