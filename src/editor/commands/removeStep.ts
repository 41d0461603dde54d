import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.removeStep',
  title: 'Remove Step…',
  icon: '$(trash)',
  palette: false,
  recheckAfter: true,
  sidebar: { trees: ['steps'], nodes: ['tutorialStep.makes'], menu: '9_remove@1' },
  args: (given) => ({ step: given.step, yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/remove.ts')).removeStep(services, args),
});
