import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.showLog',
  title: 'Show Log',
  icon: '$(output)',
  worksUntrusted: true,
  run: async ({ log }) => log.show(),
});
