import { containers, defineCommand, everyTree } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.refreshNode',
  title: 'Refresh',
  icon: '$(refresh)',
  palette: false,
  sidebar: { trees: everyTree, nodes: [...containers, 'database', 'table', 'grants', 'location', 'partitions', 'workflow', 'run.going', 'run.ended', 'run.failed'], menu: '8_refresh@1' },
  args: (given) => ({ node: given.node }),
  run: async (services, args) => (await import('../actions/sidebar.ts')).refreshNode(services, args),
});
