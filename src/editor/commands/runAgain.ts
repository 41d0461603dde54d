import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.runAgain',
  title: 'Run Again…',
  icon: '$(debug-rerun)',
  palette: false,
  sidebar: { trees: ['workflows'], nodes: ['run.ended', 'run.failed'], inline: 1, menu: '1_open@1' },
  args: (given) => ({ ...nodeArguments(given), yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/workflows.ts')).runAgain(services, args),
});
