import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.runSql',
  title: 'Run SQL on Athena',
  icon: '$(play)',
  buttons: { visualize: 2 },
  args: (given) => ({ sql: given.text('sql') }),
  run: async (services, args) => (await import('../actions/catalog.ts')).runSql(services, args),
});
