import { nodeArguments } from '../arguments.ts';
import { containers, defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.insertName',
  title: 'Insert Name at the Cursor',
  icon: '$(insert)',
  palette: false,
  sidebar: {
    trees: ['buckets', 'catalog', 'workflows'],
    nodes: [...containers, 'object', 'database', 'table', 'column', 'workflow', 'schedule.on', 'schedule.off', 'run.going', 'run.ended', 'run.failed', 'step.tried', 'step.waiting', 'step.failed'],
    menu: '5_copy@4',
  },
  args: (given) => ({ ...nodeArguments(given), tree: given.oneOf('tree', 'buckets', 'catalog', 'workflows') }),
  run: async (services, args) => (await import('../actions/details.ts')).insertName(services, args),
});
