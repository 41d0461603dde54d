import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.connect',
  title: 'Connect…',
  icon: '$(plug)',
  recheckAfter: true,
  args: (given) => ({ target: given.oneOf('target', 'sandbox', 'aws'), profile: given.text('profile'), region: given.text('region'), endpoint: given.text('endpoint') }),
  run: async (services, args) => (await import('../actions/connect.ts')).connect(services, args),
});
