import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.stopRun',
  title: 'Stop Run',
  icon: '$(debug-stop)',
  palette: false,
  sidebar: { trees: ['workflows'], nodes: ['run.going'], inline: 1, menu: '1_open@1' },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/workflows.ts')).stopRun(services, args),
});
