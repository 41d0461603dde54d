import { runSuite } from './harness/suite.ts';

/** What the extension host calls. The order matters: the first suite sees the extension being activated. */
export const run = (): Promise<void> =>
  runSuite(async () => {
    await import('./activation.test.ts');
    await import('./provision.test.ts');
    await import('./policies.test.ts');
    await import('./tutorials.test.ts');
    await import('./testing.test.ts');
    await import('./authoring.test.ts');
    await import('./connect.test.ts');
    await import('./activeTutorial.test.ts');
    await import('./sidebar.test.ts');
    await import('./panels.test.ts');
    await import('./sandbox.test.ts');
    await import('./run.test.ts');
  });
