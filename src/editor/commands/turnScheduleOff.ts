import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.turnScheduleOff',
  title: 'Turn Schedule Off…',
  icon: '$(debug-pause)',
  palette: false,
  sidebar: { trees: ['workflows'], nodes: ['schedule.on'], inline: 1, menu: '1_open@1' },
  args: (given) => ({ ...nodeArguments(given), yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/workflows.ts')).turnScheduleOff(services, args),
});
