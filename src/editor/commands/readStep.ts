import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.readStep',
  title: 'Read a Step…',
  icon: '$(open-preview)',
  worksUntrusted: true,
  args: (given) => ({ step: given.step }),
  run: async (services, args) => (await import('../actions/walkthrough.ts')).readStep(services, args),
});
