import { defineCommand, everyTree } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.refreshTree',
  title: 'Refresh',
  icon: '$(refresh)',
  palette: false,
  sidebar: { trees: everyTree, title: 'navigation@9' },
  run: async (services) => (await import('../actions/sidebar.ts')).refreshTree(services),
});
