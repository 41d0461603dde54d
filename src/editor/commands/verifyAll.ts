import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.verifyAll',
  title: 'Verify All Steps',
  icon: '$(checklist)',
  sidebar: { trees: ['steps'], title: 'navigation@2' },
  run: async (services) => (await import('../actions/verify.ts')).verifyAll(services),
});
