import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.useAsTutorial',
  title: 'Use This File as Tutorial',
  icon: '$(mortar-board)',
  palette: 'editorLangId == markdown',
  worksUntrusted: true,
  menus: [
    { menu: 'editor/title', when: 'resourceLangId == markdown && resourcePath in lakeTutorial.otherTutorials', group: 'navigation@1' },
    { menu: 'editor/title/context', when: 'resourceLangId == markdown && resourcePath in lakeTutorial.otherTutorials', group: '7_lakeTutorial@1' },
  ],
  args: (given) => ({ uri: given.uri }),
  run: async (services, args) => (await import('../actions/activeTutorial.ts')).useAsTutorial(services, args),
});
