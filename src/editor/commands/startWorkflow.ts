import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

/** The same as "Run Workflow", by the name that it had for what the tree shows: key bindings may call it. */
export default defineCommand({
  id: 'lakeTutorial.startWorkflow',
  title: 'Run Workflow',
  icon: '$(play)',
  palette: false,
  recheckAfter: true,
  args: (given) => ({ ...nodeArguments(given), yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/runWorkflow.ts')).runWorkflow(services, args),
});
