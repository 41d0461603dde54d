import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.provisionAll',
  title: 'Provision Everything',
  icon: '$(cloud-upload)',
  recheckAfter: true,
  sidebar: { trees: ['steps'], title: 'navigation@1' },
  args: (given) => ({ yes: given.flag('yes'), quicksight: given.flag('quicksight') }),
  run: async (services, args) => (await import('../actions/provision.ts')).provision(services, args),
});
