import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.insertRows',
  title: 'Insert Rows Now…',
  icon: '$(add)',
  buttons: { rows: 2 },
  recheckAfter: true,
  args: (given) => ({ count: given.number('count') }),
  run: async (services, args) => (await import('../actions/insertRows.ts')).insertRows(services, args),
});
