import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.showRun',
  title: 'Show Run…',
  icon: '$(graph-scatter)',
  palette: false,
  sidebar: { trees: ['workflows'], nodes: ['run.going', 'run.ended'], inline: 2, menu: '1_open@2' },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/panels.ts')).showRun(services, args),
});
