import * as l10n from '@vscode/l10n';
import type { RunNode } from '../aws/workflows.ts';
import { duration, heldLabel, type RunChart } from './runChart.ts';
import { runStateLabel } from './runGraph.ts';
import type { PictureTable } from './table.ts';

/** A run as a table, in the order of its graph. */
export function runTable(nodes: readonly RunNode[], { rows }: RunChart, language = 'en'): PictureTable {
  const time = (ms: number | undefined): string => (ms === undefined ? '' : duration(ms, language));
  return {
    caption: l10n.t('Jobs and crawlers of the run'),
    columns: [l10n.t('Name'), l10n.t('State'), l10n.t('After'), l10n.t('Waited'), l10n.t('Ran'), l10n.t('Ran before'), l10n.t('Attempts'), l10n.t('Error')],
    rows: nodes.map(({ name, state, after, trigger, attempts }) => {
      const row = rows.find((each) => each.name === name);
      const ran = row?.running && row.running.to - row.running.from;
      return {
        thing: `part:${name}`,
        cells: [
          name, runStateLabel(state), after.join(', ') || (trigger ?? ''), time(row?.waiting && row.waiting.to - row.waiting.from),
          [time(ran), row?.held ? `(${heldLabel(row.held)})` : ''].filter(Boolean).join(' '), time(row?.before), String(attempts.length), attempts[0]?.error ?? '',
        ],
      };
    }),
  };
}
