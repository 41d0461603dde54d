import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../../errors.ts';
import type { SourceRows } from '../../provision/source.ts';
import { tableText } from '../../table.ts';
import { withAccount } from '../operations.ts';
import { withProgress } from '../progress.ts';
import type { Services } from '../services.ts';

/** The document of the rows, of which there is one. */
const path = 'source/random_data';

/** Ends the look that goes on, where there is one. */
let stop: (() => void) | undefined;

/** Shows the rows of the source, the newest first, and looks again and again while they are on show: the count rises as rows arrive. */
export async function showSource(services: Services): Promise<SourceRows> {
  stop?.();
  const read = (signal?: AbortSignal): Promise<SourceRows> => withAccount(services, signal, async (options) => (await import('../core.ts')).readSource(options));
  const first = await withProgress(l10n.t('Lake Tutorial: reading the source'), (_report, signal) => read(signal));
  const document = await services.documents.show(path, textOf(first, first.count));
  follow(services, document.uri, first.count, read);
  return first;
}

/** Looks again until the document is closed or the account is another; while it is hidden it waits. */
function follow({ documents, model, log }: Services, uri: vscode.Uri, before: number, read: () => Promise<SourceRows>): void {
  const place = model.targetKey;
  // A look takes a second or two on AWS: its agent is asked.
  const every = model.isSandbox ? 2_000 : 10_000;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const isShown = (): boolean => vscode.window.visibleTextEditors.some(({ document }) => document.uri.toString() === uri.toString());
  const again = (): void => {
    clearTimeout(timer);
    if (!ended && isShown()) {
      timer = setTimeout(() => void look(), every);
      timer.unref();
    }
  };
  const look = async (): Promise<void> => {
    try {
      const rows = await read();
      if (!ended && model.targetKey === place) {
        documents.update(path, textOf(rows, before));
      }
    } catch (error) {
      // The next look may succeed; the table on show is what was read last.
      log.debug(`source: ${messageOf(error)}`);
    }
    again();
  };
  const subscription = vscode.Disposable.from(
    vscode.window.onDidChangeVisibleTextEditors(again),
    vscode.workspace.onDidCloseTextDocument((closed) => closed.uri.toString() === uri.toString() && stop?.()),
    model.onDidChange(() => model.targetKey !== place && stop?.()),
  );
  stop = () => {
    ended = true;
    clearTimeout(timer);
    subscription.dispose();
    stop = undefined;
  };
  again();
}

function textOf({ table, count, newest }: SourceRows, before: number): string {
  const format = new Intl.NumberFormat(vscode.env.language);
  const come = count - before;
  const at = new Intl.DateTimeFormat(vscode.env.language, { timeStyle: 'medium' }).format(new Date());
  return [
    `${table}: ${count === 1 ? l10n.t('1 row') : l10n.t('{0} rows', format.format(count))}${come > 0 ? ` (${l10n.t('{0} since you opened this', `+${format.format(come)}`)})` : ''}`,
    l10n.t('Looked at {0}. It looks again by itself while it is on show.', at),
    '',
    newest.length === 0 ? l10n.t('There are no rows.') : l10n.t('The newest first:'),
    '',
    ...(newest.length === 0 ? [] : [tableText([{ name: 'id' }, { name: 'valor' }, { name: 'fecha' }], newest.map(({ id, valor, fecha }) => [id === null ? null : String(id), valor, fecha]))]),
  ].join('\n');
}
