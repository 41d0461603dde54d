import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.tearDown',
  title: 'Tear Down Everything…',
  icon: '$(trash)',
  recheckAfter: true,
  args: (given) => ({ yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/remove.ts')).tearDown(services, args),
});
