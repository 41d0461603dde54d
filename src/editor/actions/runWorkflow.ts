import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { QueryResult } from '../../aws/query.ts';
import type { RunNode, RunProgress, RunResult } from '../../provision/run.ts';
import { tableText } from '../../table.ts';
import { withAccount, withAccountProgress } from '../operations.ts';
import { withProgress } from '../progress.ts';
import { achieved, calling, say, showLog } from '../messages.ts';
import { confirm, runPrice, seconds } from '../prompts.ts';
import type { ConsentArguments, NodeArguments } from '../arguments.ts';
import type { Services } from '../services.ts';
import { showsText } from '../settings.ts';

/**
 * Runs a workflow: the tutorial's where nobody named another. That one is followed to its end with the progress of its parts, and cancelling stops the run.
 * On AWS the user agrees to the cost first.
 *
 * @returns the result of the tutorial's run, the run's id of another workflow.
 */
export async function runWorkflow(services: Services, values: NodeArguments & ConsentArguments): Promise<RunResult | string> {
  if (values.node || values.focused || values.path) {
    const { startOther } = await import('./workflows.ts');
    const started = await startOther(services, values);
    if (started !== undefined) {
      return started;
    }
  }
  return runOwn(services, values);
}

async function runOwn(services: Services, { yes }: ConsentArguments): Promise<RunResult> {
  const result = await withAccountProgress(services, l10n.t('Lake Tutorial: running the workflow'), async (options, report) => {
    const { costPerRun, costsPerRun, run } = await import('../core.ts');
    if (!services.model.isSandbox && !yes) {
      const { accountId = '', target: { region } } = services.model;
      await confirm(l10n.t('Run the workflow in the AWS account {0}, region {1}?', accountId, region), runPrice(costPerRun(), costsPerRun()), l10n.t('Run'));
    }
    let done = 0;
    let announced = false;
    return run({ ...options, onRunProgress: (progress) => {
      if (!announced) {
        // From now on the tree follows the run by itself.
        announced = true;
        services.sidebar.refresh('workflows');
      }
      done = Math.max(done, fractionOf(progress));
      report(lineOf(progress), done);
    } });
  });
  for (const { name, type, state, ms, error, log } of result.nodes) {
    services.log[state === 'SUCCEEDED' ? 'info' : 'error'](`run ${name} (${type}): ${state}, ${ms} ms${error ? `: ${error}` : ''}${state === 'SUCCEEDED' || !log ? '' : ` (log: ${log.group} ${log.stream})`}`);
  }
  services.log.info(`run ${result.runId}: ${result.status}, bronze ${result.rows.bronze}, silver ${result.rows.silver}, gold ${result.rows.gold}, ${result.ms} ms`);
  await tellResult(services, result);
  return result;
}

const finished = (state: string): boolean => !['WAITING', 'STARTING', 'RUNNING', 'STOPPING'].includes(state);
const fractionOf = ({ nodes }: RunProgress): number => nodes.filter(({ state }) => finished(state)).length / Math.max(1, nodes.length);

function lineOf({ nodes }: RunProgress): string {
  const now = nodes.find(({ state }) => state === 'RUNNING' || state === 'STARTING' || state === 'STOPPING');
  return now ? l10n.t('{0} of {1}: {2}', nodes.filter(({ state }) => finished(state)).length + 1, nodes.length, now.name) : l10n.t('Waiting for the next part…');
}

/** Tells the result. The command does not wait until the notification is closed. */
async function tellResult(services: Services, result: RunResult): Promise<void> {
  const { failedNodes, isGood } = await import('../core.ts');
  if (isGood(result)) {
    const { bronze, silver, gold } = result.rows;
    achieved(services, l10n.t('bronze now has {0}, silver {1}, gold {2}. It took {3} s.', rowsOf(bronze), rowsOf(silver), rowsOf(gold), seconds(result.ms)), [calling(l10n.t('Show Gold'), 'lakeTutorial.showGold')]);
    return;
  }
  const failed = failedNodes(result)[0];
  const error = failed?.error ?? result.error ?? '';
  say(failed ? failureOf(failed) : l10n.t('The run ended as {0}. {1}', result.status, error), {
    weight: 'error',
    answers: [calling(l10n.t('Explain and Repair'), 'lakeTutorial.explainFailure', { name: failed?.name ?? '', error }), showLog()],
  });
}

const rowsOf = (rows: number | null): string =>
  rows === null ? l10n.t('rows that could not be counted') : rows === 1 ? l10n.t('1 row') : l10n.t('{0} rows', rows.toLocaleString(vscode.env.language));

const failureOf = ({ name, state, error }: RunNode): string => l10n.t('{0} did not succeed ({1}): {2}', name, state, error ?? l10n.t('its log says why.'));

/** Shows gold as a dashboard; as text, a bar for each class, the table under it, and the SQL that asked for it. */
export async function showGold(services: Services): Promise<QueryResult | undefined> {
  if (!showsText()) {
    // What there is not, and why, the dashboard says itself.
    await services.panels.open('gold');
    return undefined;
  }
  const { text, result } = await withProgress(l10n.t('Lake Tutorial: asking for gold'), (_report, signal) => withAccount(services, signal, async (options) => {
    const { AccountView, goldLines, goldSql, readGold } = await import('../core.ts');
    const { names } = await AccountView.open({ ...options, onProgress: undefined });
    const result = await readGold(options.connection, names, signal);
    return { result, text: [goldSql(names), '', ...goldLines(result), '', tableText(result.columns, result.rows)].join('\n') };
  }));
  services.log.info(`gold: ${result.rows.length} classes, ${result.scannedBytes} bytes, ${result.ms} ms`);
  await services.documents.show('athena/gold', text);
  return result;
}
