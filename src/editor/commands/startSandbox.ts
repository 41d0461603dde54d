import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.startSandbox',
  title: 'Start Sandbox',
  icon: '$(debug-start)',
  palette: false,
  recheckAfter: true,
  args: (given) => ({ controlPlaneOnly: given.flag('controlPlaneOnly') }),
  run: async (services, args) => (await import('../actions/sandbox.ts')).start(services, args),
});
