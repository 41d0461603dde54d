import { nodeArguments } from '../arguments.ts';
import { containers, defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.uploadFiles',
  title: 'Upload Files…',
  icon: '$(cloud-upload)',
  palette: false,
  sidebar: { trees: ['buckets'], nodes: containers, inline: 1, menu: '2_transfer@2' },
  args: (given) => ({ ...nodeArguments(given), files: given.texts('files'), yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/buckets.ts')).uploadFiles(services, args),
});
