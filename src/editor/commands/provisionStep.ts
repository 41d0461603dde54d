import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.provisionStep',
  title: 'Provision Step…',
  icon: '$(cloud-upload)',
  recheckAfter: true,
  sidebar: { trees: ['steps'], nodes: ['tutorialStep.makes'], inline: 1, menu: '1_do@1' },
  args: (given) => ({ step: given.step, kind: given.text('kind'), yes: given.flag('yes'), quicksight: given.flag('quicksight') }),
  run: async (services, args) => (await import('../actions/provision.ts')).provisionOne(services, args),
});
