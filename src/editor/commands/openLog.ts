import { nodeArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.openLog',
  title: 'Open Log of a Job or Crawler',
  icon: '$(output)',
  palette: false,
  sidebar: { trees: ['workflows'], nodes: ['step.tried', 'step.failed', 'attempt', 'attempt.failed'], inline: 1, menu: '1_open@2', key: { key: 'ctrl+enter', mac: 'cmd+enter' } },
  args: (given) => nodeArguments(given),
  run: async (services, args) => (await import('../actions/workflows.ts')).openLog(services, args),
});
