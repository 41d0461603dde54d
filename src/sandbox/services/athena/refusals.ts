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

export const invalid = (message: string, detail = 'INVALID_INPUT'): Refused => new Refused('InvalidRequestException', message, detail);

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

export function limit(asked: number | undefined, otherwise: number, most: number): number {
  if (asked !== undefined && (!Number.isInteger(asked) || asked < 1 || asked > most)) {
    throw invalid(`MaxResults must be between 1 and ${most}`);
  }
  return asked ?? otherwise;
}
