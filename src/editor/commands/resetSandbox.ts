import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.resetSandbox',
  title: 'Reset Sandbox…',
  icon: '$(discard)',
  recheckAfter: true,
  args: (given) => ({ yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/sandbox.ts')).reset(services, args),
});
