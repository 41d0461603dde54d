import { randomBytes } from 'node:crypto';

/** The session of a role that the sandbox itself gave an access key to: something that runs in the sandbox. */
export interface RoleSession {
  /** ARN of the role. */
  readonly role: string;
  /** The name of the session, as the service that assumes the role has it. */
  readonly name: string;
  readonly service: 'glue' | 'lambda' | 'athena';
  readonly region: string;
  /** Id of the job run, crawl or invocation. */
  readonly id: string;
}

/** On behalf of somebody who called: a query of a user's. */
export interface UserSession {
  /** ARN of the user. */
  readonly user: string;
  readonly service: 'athena';
  readonly region: string;
  readonly id: string;
}

/** Temporary credentials of what runs in the sandbox; by them the gateway tells a job's calls from the learner's. */
export class AccessKeys {
  readonly #sessions = new Map<string, RoleSession | UserSession>();

  issue(session: RoleSession | UserSession): { accessKeyId: string; secretAccessKey: string } {
    const accessKeyId = `ASIA${randomBytes(16).toString('hex').toUpperCase().slice(0, 16)}`;
    this.#sessions.set(accessKeyId, session);
    return { accessKeyId, secretAccessKey: randomBytes(30).toString('base64url') };
  }

  find(accessKeyId: string): RoleSession | UserSession | undefined {
    return this.#sessions.get(accessKeyId);
  }

  revoke(accessKeyId: string): void {
    this.#sessions.delete(accessKeyId);
  }
}
