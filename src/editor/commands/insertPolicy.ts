import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.insertPolicy',
  title: 'Insert IAM Policy…',
  icon: '$(shield)',
  palette: 'editorIsOpen',
  worksUntrusted: true,
  args: (given) => ({ policy: given.text('policy'), account: given.text('account'), region: given.text('region'), profile: given.text('profile') }),
  run: async (services, args) => (await import('../actions/policies.ts')).insertPolicy(services, args),
});
