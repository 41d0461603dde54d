import { defineCommand, everyTree } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.cancelNode',
  title: 'Cancel',
  icon: '$(close)',
  palette: false,
  sidebar: { trees: everyTree, nodes: ['waiting'], inline: 1, menu: '1_open@1' },
  args: (given) => ({ node: given.node }),
  run: async (services, args) => (await import('../actions/sidebar.ts')).cancelNode(services, args),
});
