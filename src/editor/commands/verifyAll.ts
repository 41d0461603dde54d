import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.verifyAll',
  title: 'Verify All Steps',
  icon: '$(checklist)',
  run: async (services) => (await import('../actions/verify.ts')).verifyAll(services),
});
