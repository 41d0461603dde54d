// A large account in a process of its own, until its standard input ends: prints its endpoint as one line of JSON.
import { fillLarge, startFakeAws } from '../support/fakeAws.ts';

const fake = await startFakeAws();
fillLarge(fake);
process.stdin.resume().once('end', () => process.exit(0));
console.log(JSON.stringify({ endpoint: fake.endpoint }));
