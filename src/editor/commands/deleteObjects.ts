import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.deleteObjects',
  title: 'Delete Objects…',
  icon: '$(trash)',
  palette: false,
  sidebar: { trees: ['buckets'], nodes: ['folder', 'object'], menu: '9_delete@1', key: { key: 'delete', mac: 'cmd+backspace' } },
  args: (given) => ({ ...nodeArguments(given), yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/buckets.ts')).deleteObjects(services, args),
});
