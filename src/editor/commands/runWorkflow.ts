import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.runWorkflow',
  title: 'Run Workflow',
  icon: '$(run-all)',
  buttons: { ingest: 1, refine: 1, aggregate: 1 },
  recheckAfter: true,
  args: (given) => ({ yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/runWorkflow.ts')).runWorkflow(services, args),
});
