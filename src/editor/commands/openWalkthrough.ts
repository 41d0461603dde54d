import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.openWalkthrough',
  title: 'Open Walkthrough',
  icon: '$(book)',
  worksUntrusted: true,
  run: async () => (await import('../actions/walkthrough.ts')).openWalkthrough(),
});
