import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.sandboxStatus',
  title: 'Show Sandbox Status',
  icon: '$(info)',
  run: async (services) => (await import('../actions/sandbox.ts')).status(services),
});
