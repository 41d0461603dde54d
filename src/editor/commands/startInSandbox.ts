import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.startInSandbox',
  title: 'Start in the Sandbox',
  icon: '$(beaker)',
  recheckAfter: true,
  buttons: { account: 1 },
  args: (given) => ({ controlPlaneOnly: given.flag('controlPlaneOnly') }),
  run: async (services, args) => (await import('../actions/sandbox.ts')).startInSandbox(services, args),
});
