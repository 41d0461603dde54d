import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.openConsole',
  title: 'Open in the AWS Console…',
  icon: '$(link-external)',
  args: (given) => ({ step: given.step }),
  run: async (services, args) => (await import('../actions/openConsole.ts')).openConsole(services, args),
});
