import { defineCommand, tutorialSteps } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.readStep',
  title: 'Read a Step…',
  icon: '$(open-preview)',
  palette: false,
  worksUntrusted: true,
  sidebar: { trees: ['steps'], nodes: tutorialSteps, menu: '2_read@1' },
  args: (given) => ({ step: given.step }),
  run: async (services, args) => (await import('../actions/walkthrough.ts')).readStep(services, args),
});
