import * as l10n from '@vscode/l10n';
import { AwsError, explain } from '../aws/errors.ts';
import { ExitCode, UserError } from '../errors.ts';
import { inserterName } from '../resources/kinds/inserter.ts';
import { AccountView, type ProvisionOptions } from './account-view.ts';

/** What the inserter takes in one invocation (lambda/handler.py), kept well below its time-out. */
const BATCH = 50_000;

export interface InsertResult {
  readonly inserted: number;
  /** The highest id. */
  readonly id: number;
  readonly ms: number;
}

/**
 * Inserts rows into the tutorial's source table now, through its inserter: nobody waits for the schedule.
 *
 * @param rows How many.
 * @param spreadHours The rows are dated at random over so many hours back.
 * @throws UserError `inserter.missing`, `insert.failed` with the function's own reason.
 */
export async function insertRows(options: ProvisionOptions, rows: number, spreadHours: number, onProgress?: (inserted: number) => void): Promise<InsertResult> {
  const start = performance.now();
  const account = await AccountView.open(options);
  const FunctionName = inserterName(account);
  const verify = l10n.t('Verify the steps "source-database" and "inserter": they say what is missing.');
  let inserted = 0;
  let id = 0;
  while (inserted < rows) {
    account.signal.throwIfAborted();
    const event = { batch: Math.min(BATCH, rows - inserted), spread_hours: spreadHours };
    const answer = await account.connection.lambda.invoke({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }).catch((error: unknown) => {
      throw AwsError.is(error, 'notFound')
        ? new UserError('inserter.missing', l10n.t('There is no inserter yet.'), { next: l10n.t('Provision the step "inserter", then insert again.'), exit: ExitCode.failed, cause: error })
        : AwsError.is(error) ? explain(error, account.connection.options) : error;
    });
    const result = JSON.parse(Buffer.from(answer.Payload ?? []).toString('utf8') || '{}') as { inserted?: number; id?: number; errorMessage?: string };
    if (answer.FunctionError || result.inserted === undefined) {
      throw new UserError('insert.failed', l10n.t('The inserter failed: {0} of {1} rows are in the table.', inserted, rows), {
        why: result.errorMessage,
        next: verify,
        exit: ExitCode.failed,
      });
    }
    inserted += result.inserted;
    id = result.id ?? id;
    onProgress?.(inserted);
  }
  return { inserted, id, ms: Math.round(performance.now() - start) };
}
