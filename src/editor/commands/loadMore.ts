import { defineCommand, everyTree } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.loadMore',
  title: 'Load More',
  icon: '$(ellipsis)',
  palette: false,
  sidebar: { trees: everyTree, nodes: ['more'], menu: '1_open@1' },
  args: (given) => ({ node: given.node }),
  run: async (services, args) => (await import('../actions/sidebar.ts')).loadMore(services, args),
});
