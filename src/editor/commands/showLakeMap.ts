import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.showLakeMap',
  title: 'Show Lake Map',
  icon: '$(type-hierarchy)',
  worksUntrusted: true,
  sidebar: { trees: ['steps'], title: 'navigation@1' },
  run: async (services) => (await import('../actions/panels.ts')).showLakeMap(services),
});
