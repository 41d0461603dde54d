import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.fixTutorial',
  title: 'Mend the Tutorial',
  icon: '$(wand)',
  palette: 'editorLangId == markdown',
  worksUntrusted: true,
  run: async () => (await import('../actions/authoring.ts')).fixActiveTutorial(),
});
