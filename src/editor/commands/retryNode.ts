import { defineCommand, everyTree } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.retryNode',
  title: 'Try Again',
  icon: '$(refresh)',
  palette: false,
  sidebar: { trees: everyTree, nodes: ['error'], inline: 1, menu: '1_open@1' },
  args: (given) => ({ node: given.node }),
  run: async (services, args) => (await import('../actions/sidebar.ts')).retryNode(services, args),
});
