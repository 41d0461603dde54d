import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.revealStep',
  title: 'Show a Step in the Sidebar',
  icon: '$(list-tree)',
  palette: false,
  sidebar: { trees: ['steps'], nodes: ['tutorialStep.makes', 'tutorialStep.looks'], menu: '2_read@2' },
  args: (given) => ({ step: given.step }),
  run: async (services, args) => (await import('../actions/sidebar.ts')).revealStep(services, args),
});
