import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.stopSandbox',
  title: 'Stop Sandbox',
  icon: '$(debug-stop)',
  recheckAfter: true,
  run: async (services) => (await import('../actions/sandbox.ts')).stop(services),
});
