import * as l10n from '@vscode/l10n';
import type { InsertResult } from '../../provision/insert.ts';
import { withAccountProgress } from '../operations.ts';
import { askCount, tell } from '../prompts.ts';
import type { Services } from '../services.ts';

/** The rows get dates within the last so many hours: enough for a cube by day and hour to show something. */
const SPREAD_HOURS = 48;

/** Inserts rows through the inserter, on the sandbox as on AWS. */
export async function insertRows(services: Services, values: { readonly count?: number }): Promise<InsertResult> {
  const rows = values.count ?? (await askCount(l10n.t('Insert rows'), l10n.t('How many rows? They are dated at random over the last {0} hours.', SPREAD_HOURS), 1_000, 1_000_000));
  const result = await withAccountProgress(services, l10n.t('Lake Tutorial: inserting rows'), async (options, report) =>
    (await import('../core.ts')).insertRows(options, rows, SPREAD_HOURS, (inserted) => report(l10n.t('{0} of {1} rows', inserted, rows), inserted / rows)));
  services.log.info(`${result.inserted} rows inserted, last id ${result.id}, ${result.ms} ms`);
  tell(result.inserted === 1 ? l10n.t('1 row inserted.') : l10n.t('{0} rows inserted.', result.inserted));
  return result;
}
