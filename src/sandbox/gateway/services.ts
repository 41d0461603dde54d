import { Athena } from '../services/athena/athena.ts';
import { RunCommand } from '../services/ssm/run-command.ts';
import { Connections } from '../services/glue/connections.ts';
import { Functions } from '../services/lambda/functions.ts';
import { Instances } from '../services/ec2/instances.ts';
import type { Host, Part } from '../kernel/service.ts';
import { makeRuntime } from '../services/glue/glue.ts';
import { Schedules } from '../services/events/scheduled-rules.ts';

/** All that the sandbox does itself, in the order it starts; stopped in reverse. */
export function makeParts(host: Host, resumed: Promise<void>): Part[] {
  const instances = new Instances(host, resumed);
  const functions = new Functions(host);
  return [instances, new RunCommand(host, instances), new Connections(host), new Athena(host), functions, new Schedules(host, functions), makeRuntime(host)];
}
