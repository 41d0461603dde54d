import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.goToStep',
  title: 'Go to the Next Step',
  icon: '$(arrow-circle-right)',
  worksUntrusted: true,
  sidebar: { trees: ['steps'], title: 'navigation@3' },
  args: (given) => ({ step: given.step }),
  run: async (services, args) => (await import('../actions/walkthrough.ts')).goToStep(services, args),
});
