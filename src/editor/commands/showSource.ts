import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.showSource',
  title: 'Show Source Rows',
  icon: '$(pulse)',
  buttons: { rows: 1 },
  run: async (services) => (await import('../actions/source.ts')).showSource(services),
});
