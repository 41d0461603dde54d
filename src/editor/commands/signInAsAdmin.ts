import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.signInAsAdmin',
  title: 'Sign In as the Data Lake Administrator…',
  icon: '$(key)',
  recheckAfter: true,
  args: (given) => ({ method: given.oneOf('method', 'password', 'key', 'self', 'forget'), yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/signInAsAdmin.ts')).signInAsAdmin(services, args),
});
