import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.startInSandbox',
  title: 'Start in the Sandbox',
  icon: '$(beaker)',
  recheckAfter: true,
  run: async (services) => (await import('../actions/sandbox.ts')).startInSandbox(services),
});
