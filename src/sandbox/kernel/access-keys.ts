import { randomBytes } from 'node:crypto';

/** Who holds an access key that the sandbox itself gave out: what runs in the sandbox with a role. */
export interface Holder {
  /** ARN of the role. */
  readonly role: string;
  readonly service: 'glue' | 'lambda';
  readonly region: string;
  /** Id of the job run, crawl or invocation. */
  readonly id: string;
}

/** Temporary credentials of what runs in the sandbox; by them the front door tells a job's calls from the learner's. */
export class Keys {
  readonly #holders = new Map<string, Holder>();

  issue(holder: Holder): { accessKeyId: string; secretAccessKey: string } {
    const accessKeyId = `ASIA${randomBytes(16).toString('hex').toUpperCase().slice(0, 16)}`;
    this.#holders.set(accessKeyId, holder);
    return { accessKeyId, secretAccessKey: randomBytes(30).toString('base64url') };
  }

  find(accessKeyId: string): Holder | undefined {
    return this.#holders.get(accessKeyId);
  }

  revoke(accessKeyId: string): void {
    this.#holders.delete(accessKeyId);
  }
}
