import { nodeArguments } from '../arguments.ts';
import { containers, defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.copyUri',
  title: 'Copy S3 URI',
  icon: '$(copy)',
  palette: false,
  sidebar: { trees: ['buckets'], nodes: [...containers, 'object'], menu: '5_copy@1', key: { key: 'ctrl+c', mac: 'cmd+c' } },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/buckets.ts')).copyUri(services, args),
});
