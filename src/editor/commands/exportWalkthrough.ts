import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.exportWalkthrough',
  title: 'Export as Walkthrough Extension…',
  icon: '$(export)',
  palette: 'editorLangId == markdown',
  args: (given) => ({ file: given.text('file'), out: given.text('out'), install: given.flag('install'), yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/exportWalkthrough.ts')).exportWalkthrough(services, args),
});
