import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.newTutorial',
  title: 'New Lake Tutorial…',
  icon: '$(new-file)',
  worksUntrusted: true,
  args: (given) => ({ from: given.oneOf('from', 'empty', 'builtIn'), language: given.text('language') }),
  run: async (_services, args) => (await import('../actions/newTutorial.ts')).newTutorial(args),
});
