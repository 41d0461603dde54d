import { Athena } from './athena.ts';
import { RunCommand } from './commands.ts';
import { Connections } from './connections.ts';
import { Functions } from './functions.ts';
import { Instances } from './instances.ts';
import type { Host, Part } from './part.ts';
import { makeRuntime } from './runtime/index.ts';
import { Schedules } from './schedules.ts';

/** All that the sandbox does itself, in the order it starts; stopped in reverse. */
export function makeParts(host: Host, resumed: Promise<void>): Part[] {
  const instances = new Instances(host, resumed);
  const functions = new Functions(host);
  return [instances, new RunCommand(host, instances), new Connections(host), new Athena(host), functions, new Schedules(host, functions), makeRuntime(host)];
}
