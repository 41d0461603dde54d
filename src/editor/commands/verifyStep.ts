import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.verifyStep',
  title: 'Verify Step…',
  icon: '$(check)',
  args: (given) => ({ step: given.step }),
  run: async (services, args) => (await import('../actions/verify.ts')).verifyStep(services, args),
});
