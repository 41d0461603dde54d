import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.checkTutorial',
  title: 'Check Tutorial…',
  icon: '$(checklist)',
  palette: 'editorLangId == markdown',
  worksUntrusted: true,
  args: (given) => ({ scope: given.oneOf('scope', 'file', 'workspace') }),
  run: async (services, args) => (await import('../actions/checkTutorial.ts')).checkTutorial(services, args),
});
