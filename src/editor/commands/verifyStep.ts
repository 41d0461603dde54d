import { defineCommand, tutorialSteps } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.verifyStep',
  title: 'Verify Step',
  icon: '$(check)',
  palette: false,
  sidebar: { trees: ['steps'], nodes: tutorialSteps, inline: 2, menu: '1_do@2' },
  args: (given) => ({ step: given.step }),
  run: async (services, args) => (await import('../actions/verify.ts')).verifyStep(services, args),
});
