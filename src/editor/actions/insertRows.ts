import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { InsertResult } from '../../provision/insert.ts';
import { withAccountProgress } from '../operations.ts';
import { achieved, calling } from '../messages.ts';
import { askCount, pick } from '../prompts.ts';
import type { TickResult } from '../../sandbox/services/events/scheduled-rules.ts';
import type { Services } from '../services.ts';

/** The rows get dates within the last so many hours: enough for a cube by day and hour to show something. */
const SPREAD_HOURS = 48;

/** Inserts rows through the inserter, on the sandbox as on AWS. */
export async function insertRows(services: Services, values: { readonly count?: number }): Promise<InsertResult | TickResult> {
  const rows = values.count ?? (await askHow(services));
  if (rows === 'tick') {
    return (await import('./sandbox.ts')).tick(services, {});
  }
  const result = await withAccountProgress(services, l10n.t('Lake Tutorial: inserting rows'), async (options, report) =>
    (await import('../core.ts')).insertRows(options, rows, SPREAD_HOURS, (inserted) => report(l10n.t('{0} of {1} rows', inserted.toLocaleString(vscode.env.language), rows.toLocaleString(vscode.env.language)), inserted / rows)));
  services.log.info(`${result.inserted} rows inserted, last id ${result.id}, ${result.ms} ms`);
  const { format } = new Intl.NumberFormat(vscode.env.language);
  achieved(
    services,
    result.inserted === 1 ? l10n.t('1 row came into random_data, up to id {0}.', format(result.id)) : l10n.t('{0} rows came into random_data, up to id {1}.', format(result.inserted), format(result.id)),
    // Where the workflow is made and waits for rows, they are what it is run for.
    [...(services.steps.states()['ingest'] === 'waiting' ? [calling(l10n.t('Run Workflow'), 'lakeTutorial.runWorkflow')] : []), calling(l10n.t('Show Source Rows'), 'lakeTutorial.showSource')],
  );
  return result;
}

/** Asks how many rows and how they come: at once, or in the sandbox by its schedule, whose time is pushed forward. */
async function askHow({ model }: Services): Promise<number | 'tick'> {
  const { format } = new Intl.NumberFormat(vscode.env.language);
  const dated = l10n.t('dated at random over the last {0} hours', SPREAD_HOURS);
  const items: (vscode.QuickPickItem & { readonly how: number | 'ask' | 'tick' })[] = [
    { label: `$(add) ${l10n.t('{0} rows at once', format(1_000))}`, description: dated, how: 1_000 },
    { label: `$(edit) ${l10n.t('Another number…')}`, description: dated, how: 'ask' },
    ...(model.isOwnSandbox ? [{ label: `$(debug-continue) ${l10n.t('By the schedule: push the sandbox\'s time forward…')}`, description: l10n.t('one row each two minutes'), how: 'tick' as const }] : []),
  ];
  const { how } = await pick(items, l10n.t('Insert rows'));
  return how === 'ask' ? askCount(l10n.t('Insert rows'), l10n.t('How many rows? They are dated at random over the last {0} hours.', SPREAD_HOURS), 1_000, 1_000_000) : how;
}
