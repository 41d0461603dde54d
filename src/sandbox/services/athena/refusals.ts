import { EngineError } from '../../kernel/engine.ts';
import type { Call } from '../../kernel/router.ts';

/** An answer of Athena's that is an error. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly detail?: string,
  ) {
    super(message);
  }
}

/** Source: botocore athena 1.44.5 InvalidRequestException, 2026-11-28 */
export const invalid = (message: string, detail = 'INVALID_INPUT'): Refused => new Refused('InvalidRequestException', message, detail);

/**
 * Source: botocore athena 1.44.5 InternalServerException, 2026-11-28
 * Source: aoyagikouhei/athena-local docs/dev/measurements/errors.md, 2026-11-28
 */
export function refuse(call: Call, error: unknown): void {
  if (error instanceof Refused) {
    // Beside code and message Athena says what kind of invalid it is.
    call.reply({ __type: error.code, Message: error.message, message: error.message, ...(error.detail && { AthenaErrorCode: error.detail }) }, 400);
  } else if (error instanceof EngineError) {
    call.fail('InternalServerException', error.message, 500);
  } else {
    throw error;
  }
}

/**
 * Source: botocore athena 1.44.5 MaxQueryResults, 2026-11-28
 * Source: none found (tried: botocore, which has no words for it), 2026-11-28
 */
export function limit(asked: number | undefined, otherwise: number, most: number): number {
  if (asked !== undefined && (!Number.isInteger(asked) || asked < 1 || asked > most)) {
    throw invalid(`MaxResults must be between 1 and ${most}`);
  }
  return asked ?? otherwise;
}
