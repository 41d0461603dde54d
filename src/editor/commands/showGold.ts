import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.showGold',
  title: 'Show Gold',
  icon: '$(graph)',
  buttons: { visualize: 1 },
  run: async (services) => (await import('../actions/runWorkflow.ts')).showGold(services),
});
