import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.showPermissions',
  title: 'Show the Permissions I Need…',
  icon: '$(shield)',
  worksUntrusted: true,
  args: (given) => ({ steps: given.texts('steps'), quicksight: given.flag('quicksight'), to: given.oneOf('to', 'document', 'cursor', 'clipboard'), account: given.text('account'), region: given.text('region'), profile: given.text('profile') }),
  run: async (services, args) => (await import('../actions/policies.ts')).showPermissions(services, args),
});
