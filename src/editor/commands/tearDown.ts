import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.tearDown',
  title: 'Tear Down Everything…',
  icon: '$(trash)',
  recheckAfter: true,
  sidebar: { trees: ['steps'], nodes: ['tutorialStep.cleanup'], inline: 1, menu: '1_do@1' },
  args: (given) => ({ yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/remove.ts')).tearDown(services, args),
});
