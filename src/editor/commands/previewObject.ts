import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.previewObject',
  title: 'Preview Object',
  icon: '$(open-preview)',
  palette: false,
  sidebar: { trees: ['buckets'], nodes: ['object'], inline: 1, menu: '1_open@1', key: { key: 'ctrl+enter', mac: 'cmd+enter' } },
  args: (given) => ({ ...nodeArguments(given), bucket: given.text('bucket'), key: given.text('key') }),
  run: async (services, args) => (await import('../actions/buckets.ts')).previewObject(services, args),
});
