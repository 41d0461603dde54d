import { runSuite } from './harness/suite.ts';
export const run = (): Promise<void> => runSuite(async () => { await import('./tutorials.test.ts'); await import('./policies.test.ts'); });
