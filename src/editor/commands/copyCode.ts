import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.copyCode',
  title: 'Copy',
  icon: '$(copy)',
  worksUntrusted: true,
  palette: false,
  args: (given) => ({ step: given.step, index: given.number('index') }),
  run: async (services, args) => (await import('../actions/walkthrough.ts')).copyCode(services, args),
});
