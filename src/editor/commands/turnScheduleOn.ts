import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.turnScheduleOn',
  title: 'Turn Schedule On…',
  icon: '$(debug-start)',
  palette: false,
  sidebar: { trees: ['workflows'], nodes: ['schedule.off'], inline: 1, menu: '1_open@1' },
  args: (given) => ({ ...nodeArguments(given), yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/workflows.ts')).turnScheduleOn(services, args),
});
