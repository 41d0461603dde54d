import { defineCommand } from '../command.ts';

export default defineCommand({
  id: 'lakeTutorial.treatAsTutorial',
  title: 'Treat as Lake Tutorial',
  icon: '$(checklist)',
  palette: false,
  worksUntrusted: true,
  run: async () => (await import('../actions/authoring.ts')).treatActiveAsTutorial(),
});
