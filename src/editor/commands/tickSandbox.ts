import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.tickSandbox',
  title: 'Push the Sandbox\'s Time Forward…',
  icon: '$(debug-continue)',
  palette: false,
  recheckAfter: true,
  args: (given) => ({ count: given.number('count') }),
  run: async (services, args) => (await import('../actions/sandbox.ts')).tick(services, args),
});
