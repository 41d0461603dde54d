import { Athena } from '../services/athena/athena.ts';
import { RunCommand } from '../services/ssm/run-command.ts';
import { Connections } from '../services/glue/connections.ts';
import { Functions } from '../services/lambda/functions.ts';
import { Instances } from '../services/ec2/instances.ts';
import type { Service } from '../kernel/service.ts';
import type { ServiceContext } from '../services/context.ts';
import { makeGlue } from '../services/glue/glue.ts';
import { ScheduledRules } from '../services/events/scheduled-rules.ts';

/** All that the sandbox does itself, in the order it starts; stopped in reverse. */
export function makeServices(context: ServiceContext, resumed: Promise<void>): Service[] {
  const instances = new Instances(context, resumed);
  const functions = new Functions(context);
  return [instances, new RunCommand(context, instances), new Connections(context), new Athena(context), functions, new ScheduledRules(context, functions), makeGlue(context)];
}
