import { defineCommand, tutorialSteps } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.whyNotDone',
  title: 'Why Is This Step Not Done?…',
  icon: '$(question)',
  sidebar: { trees: ['steps'], nodes: tutorialSteps, menu: '1_do@3' },
  args: (given) => ({ step: given.step }),
  run: async (services, args) => (await import('../actions/why.ts')).whyNotDone(services, args),
});
