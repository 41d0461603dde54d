import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.showDetails',
  title: 'Details',
  icon: '$(json)',
  palette: false,
  sidebar: {
    trees: ['buckets', 'catalog', 'workflows'],
    nodes: ['bucket', 'object', 'database', 'table', 'workflow', 'schedule.on', 'schedule.off', 'run.going', 'run.ended', 'run.failed', 'step.tried', 'step.waiting', 'step.failed'],
    menu: '6_details@1',
  },
  args: (given) => ({ ...nodeArguments(given), tree: given.oneOf('tree', 'buckets', 'catalog', 'workflows') }),
  run: async (services, args) => (await import('../actions/details.ts')).showDetails(services, args),
});
