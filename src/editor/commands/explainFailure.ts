import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.explainFailure',
  title: 'Explain and Repair',
  icon: '$(lightbulb)',
  palette: false,
  sidebar: { trees: ['workflows'], nodes: ['step.failed', 'attempt.failed', 'run.failed'], inline: 2, menu: '1_open@2' },
  args: (given) => ({ ...nodeArguments(given), name: given.text('name'), error: given.text('error') }),
  run: async (services, args) => (await import('../actions/explainFailure.ts')).explainFailure(services, args),
});
