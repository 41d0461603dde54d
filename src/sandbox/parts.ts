import { Functions } from './functions.ts';
import type { Host, Part } from './part.ts';
import { Schedules } from './schedules.ts';

/** All that the sandbox does itself, in the order it starts; stopped in reverse. */
export function makeParts(host: Host): Part[] {
  const functions = new Functions(host);
  return [functions, new Schedules(host, functions)];
}
