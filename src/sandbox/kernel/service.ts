import type { Call, Route } from './router.ts';

/**
 * Something of AWS that the sandbox does for real, in front of moto.
 *
 * `start` brings back what a stop or a kill interrupted; it is over before AWS is answered. `stop` ends its processes.
 */
export interface Service {
  readonly routes?: readonly Route[];
  /** Commands of the private endpoint: `POST /_lake/NAME`, JSON in and out. */
  readonly commands?: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => Promise<unknown>>>;
  /** What a call to it leaves unsaid of the resource that it is for, and IAM judges by: members of the request that would say it. */
  hints?(call: Call, input: unknown): Readonly<Record<string, string>>;
  /** What it adds to the sandbox's status. */
  status?(): object;
  start?(): Promise<void>;
  stop?(): Promise<void>;
}
