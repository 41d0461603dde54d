import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.useBuiltInTutorial',
  title: 'Use the Built-in Tutorial',
  palette: 'lakeTutorial.ownTutorial',
  worksUntrusted: true,
  sidebar: { trees: ['steps'], title: '1_tutorial@1' },
  run: async (services) => (await import('../actions/activeTutorial.ts')).useBuiltIn(services),
});
