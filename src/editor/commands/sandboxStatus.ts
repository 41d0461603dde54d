import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.sandboxStatus',
  title: 'Show Sandbox Status',
  icon: '$(info)',
  palette: false,
  run: async (services) => (await import('../actions/sandbox.ts')).status(services),
});
