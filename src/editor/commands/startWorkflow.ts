import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.startWorkflow',
  title: 'Start Workflow…',
  icon: '$(play)',
  sidebar: { trees: ['workflows'], nodes: ['workflow'], inline: 1, menu: '1_open@1' },
  args: (given) => ({ ...nodeArguments(given), yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/workflows.ts')).startWorkflow(services, args),
});
