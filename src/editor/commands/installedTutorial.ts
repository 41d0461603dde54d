import { installedActions, installedCommand } from '../../export/installed.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  id: installedCommand,
  title: 'Step of an Installed Tutorial…',
  icon: '$(mortar-board)',
  palette: false,
  args: (given) => ({ step: given.step, tutorial: given.text('tutorial'), action: given.oneOf('action', ...installedActions), yes: given.flag('yes') }),
  run: async (services, args) => (await import('../actions/installed.ts')).stepOfInstalled(services, args),
});
