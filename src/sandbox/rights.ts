import type { Holder } from './keys.ts';
import type { Call } from './router.ts';
import type { World } from './world.ts';

/** Why AWS would refuse something, in its words. */
export interface Denial {
  readonly code: string;
  readonly message: string;
}

/** What roles may do in the modelled account. Only what runs in the sandbox is held to it, never the caller. */
export class Rights {
  constructor(private readonly world: World) {}

  /** Why AWS would refuse a call made with a key that the sandbox gave out; nothing when it would not. */
  async authorize(_call: Call, _holder: Holder): Promise<Denial | undefined> {
    return undefined;
  }

  /** Why a role may not hand a role (both ARNs) to a service; nothing when it may. */
  async mayPass(role: string, passed: string, _region: string): Promise<Denial | undefined> {
    const decision = await this.world.inspect<string>('iam_decision', { principal: role, action: 'iam:PassRole', resource: passed });
    return decision === 'allowed'
      ? undefined
      : { code: 'AccessDeniedException', message: `User: ${sessionArn(role)} is not authorized to perform: iam:PassRole on resource: ${passed}` };
  }

  /** What a job's role lacks before its script can begin: Spark asks the Data Catalog for the database `default`. */
  async missingForJob(_job: { readonly role: string; readonly region: string; readonly arguments: Readonly<Record<string, string>> }): Promise<Denial | undefined> {
    return undefined;
  }
}

/** Who a role is to AWS when Glue has assumed it. */
const sessionArn = (role: string): string => `${role.replace(':iam:', ':sts:').replace(/:role\/(?:.*\/)?/, ':assumed-role/')}/GlueJobRunnerSession`;
