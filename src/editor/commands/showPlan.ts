import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.showPlan',
  title: 'Show Plan and Cost',
  icon: '$(list-unordered)',
  args: (given) => ({ step: given.step, quicksight: given.flag('quicksight') }),
  run: async (services, args) => (await import('../actions/provision.ts')).showPlan(services, args),
});
