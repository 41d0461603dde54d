import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.downloadObject',
  title: 'Download Object…',
  icon: '$(cloud-download)',
  palette: false,
  sidebar: { trees: ['buckets'], nodes: ['object'], inline: 2, menu: '2_transfer@1' },
  args: (given) => ({ ...nodeArguments(given), files: given.texts('files') }),
  run: async (services, args) => (await import('../actions/buckets.ts')).downloadObject(services, args),
});
