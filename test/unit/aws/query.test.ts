import assert from 'node:assert/strict';
import { AwsError } from '../../../src/aws/errors.ts';
import type { Connection } from '../../../src/aws/connection.ts';
import { runQuery } from '../../../src/aws/query.ts';
import { UserError } from '../../../src/errors.ts';

/** An Athena whose start is refused, or whose query ends so. */
function athena(answer: { refusal: AwsError } | { reason: string }): Connection {
  const start = async () => {
    if ('refusal' in answer) throw answer.refusal;
    return { QueryExecutionId: 'q' };
  };
  const look = async () => ({ QueryExecution: { Status: { State: 'FAILED', StateChangeReason: 'reason' in answer ? answer.reason : '' } } });
  return { options: {}, athena: { startQueryExecution: start, getQueryExecution: look } } as unknown as Connection;
}

describe('what to do about a query that fails', () => {
  for (const [what, answer] of [
    ['ends', { reason: 'IO Error: No space left on device' }],
    ['is refused', { refusal: new AwsError('other', 'InsufficientStorage', 'athena:StartQueryExecution', 'The disk is full. Nothing was changed.', 400, undefined) }],
  ] as const) {
    it(`is to free space where it ${what} for want of that`, async () => {
      await assert.rejects(runQuery(athena(answer), 'SELECT 1'), (error: unknown) => {
        assert.ok(UserError.is(error));
        assert.match(error.next ?? '', /^Free some space/);
        return true;
      });
    });
  }
});
