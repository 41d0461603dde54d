import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.runWorkflow',
  title: 'Run Workflow',
  icon: '$(run-all)',
  buttons: { ingest: 1, refine: 1, aggregate: 1 },
  recheckAfter: true,
  sidebar: { trees: ['workflows'], nodes: ['workflow'], inline: 1, menu: '1_open@1' },
  args: (given) => ({ ...nodeArguments(given), yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/runWorkflow.ts')).runWorkflow(services, args),
});
