import * as l10n from '@vscode/l10n';
import { ExitCode, UserError, messageOf } from '../errors.ts';
import type { CallRecord } from '../aws/api.ts';
import type { Connection } from '../aws/connection.ts';
import type { Adoption } from '../provision/adoption.ts';
import type { ProvisionOptions } from '../provision/account-view.ts';
import type { RunResult } from '../provision/run.ts';
import type { UpResult } from '../provision/up.ts';
import { about, cents } from '../numbers.ts';
import { connectTarget, loadTutorial, readAsset, version } from '../shell.ts';
import { abort, confirm, endProgress, isColored, needsYes, print, progressLine, runLine, say, sayLimitation, type CommonFlags } from './terminal.ts';
import {
  costLines, costTotal, downLines, emptyRun, insertLines, mapLines, planLines, queryLine, removalLines, runLines, sandboxLines, tickLines, timeLines, upLines, verifyLines,
} from './text.ts';

// What each command does: the core's work, told on the terminal.

export async function session(flags: CommonFlags, start = false, onCall?: (record: CallRecord) => void): Promise<{ connection: Connection; options: ProvisionOptions }> {
  const connecting = connectTarget({ ...flags, signal: abort.signal, start, onProgress: (message) => say(message), onLimitation: sayLimitation, onSlow: say, ...(onCall && { onCall }) });
  // The first call is on its way while the tutorial is parsed; whether it fails is seen by who needs it.
  connecting.then((connection) => connection.identity()).catch(() => undefined);
  const [tutorial, connection] = await Promise.all([loadTutorial({ file: flags.tutorial, language: flags.lang }), connecting]);
  return {
    connection,
    options: { tutorial, connection, variables: flags.var, steps: flags.step, quicksight: flags.quicksight, signal: abort.signal, assets: readAsset, onProgress: progressLine },
  };
}

/** Whether it is our own sandbox, where nothing is charged, and no endpoint of which nobody knows that. */
export const isSandbox = ({ target, endpoint }: CommonFlags): boolean => target === 'sandbox' && endpoint === undefined;

/** Who asks to provision the step that cleans up is told how that is done. */
function sayCleanup({ tutorial, steps }: ProvisionOptions): void {
  if (tutorial.steps.some(({ id, role }) => role === 'cleanup' && steps?.includes(id))) {
    say(l10n.t('To remove what the tutorial made: lake-tutorial down'));
  }
}

export async function planCommand(flags: CommonFlags): Promise<ExitCode> {
  const { plan } = await import('../provision/plan.ts');
  const { options } = await session(flags);
  const result = await plan(options);
  endProgress();
  print(flags, result, () => [...planLines(result), ...(result.actions.length > 0 ? ['', ...costLines(result, isSandbox(flags))] : [])]);
  await sayHowToDeclare(options);
  sayCleanup(options);
  return ExitCode.done;
}

async function agreeToAdopt(found: readonly Adoption[], flags: CommonFlags): Promise<boolean> {
  if (flags.yes || process.stdin.isTTY) {
    const { adoptionLead, adoptionLines } = await import('../provision/adoption.ts');
    endProgress();
    [adoptionLead(), ...found.flatMap(adoptionLines)].forEach(say);
  }
  return confirm(l10n.t('Take over what is there already?'), flags);
}

export async function upCommand(flags: CommonFlags & { readonly report?: string }): Promise<ExitCode> {
  const [{ up }, { plan }] = await Promise.all([import('../provision/up.ts'), import('../provision/plan.ts')]);
  const start = performance.now();
  const calls: (CallRecord & { at: number })[] = [];
  const { options, connection } = await session(flags, false, flags.report === undefined ? undefined : (record) => calls.push({ at: Math.round(performance.now() - start) - record.ms, ...record }));
  if (flags.target === 'aws' && !flags.yes) {
    const planned = await plan(options);
    endProgress();
    if (planned.actions.some(({ action }) => action !== 'none')) {
      [...planLines(planned), '', ...costLines(planned, isSandbox(flags))].forEach(say);
      if (!(await confirm(l10n.t('Provision this in account {0}?', (await connection.identity()).accountId), flags))) {
        throw needsYes(costTotal(planned.cost));
      }
    }
  }
  const report = async (outcome: { readonly result: UpResult } | { readonly error: unknown }): Promise<void> => {
    if (flags.report !== undefined) {
      const { upReport, writeReport } = await import('./reports.ts');
      const about = { version: version(), node: process.version, platform: process.platform, target: flags.target, region: flags.region, ownEndpoint: flags.endpoint === undefined };
      await writeReport(flags.report, `${JSON.stringify(upReport(about, calls, outcome), undefined, 2)}\n`);
    }
  };
  const result = await up({ ...options, adopt: (found) => agreeToAdopt(found, flags) }).catch(async (error: unknown) => {
    // What ended it is what the report is for; that it could not be written is less than that.
    await report({ error }).catch((unwritten: unknown) => say(messageOf(unwritten)));
    throw error;
  });
  endProgress();
  await report({ result });
  print(flags, result, () => upLines(result));
  await sayHowToDeclare(options);
  sayCleanup(options);
  const failed = result.resources.filter(({ state }) => state === 'failed');
  for (const { title, error } of failed) {
    say(`${title}: ${error?.message ?? ''}`);
  }
  // The first failure tells whether AWS refused (3) or something else is wrong (1).
  return failed.length === 0 ? ExitCode.done : (failed[0]?.error?.exit ?? ExitCode.failed);
}

/** Where no step of a tutorial says what it provisions: how that is said. */
async function sayHowToDeclare({ tutorial }: ProvisionOptions): Promise<void> {
  const hint = (await import('../provision/account-view.ts')).howToDeclare(tutorial);
  if (hint !== undefined) {
    say(hint);
  }
}

export async function verifyCommand(flags: CommonFlags & { readonly junit?: string }): Promise<ExitCode> {
  const { verify } = await import('../provision/verify.ts');
  const { options } = await session(flags);
  const result = await verify(options);
  // First, since a report that cannot be written is an error, and stdout has one document.
  if (flags.junit !== undefined) {
    const [{ junit }, { verifySuite, writeReport }] = await Promise.all([import('../junit.ts'), import('./reports.ts')]);
    await writeReport(flags.junit, junit(verifySuite(result, options.tutorial, flags.tutorial)));
  }
  print(flags, result, () => verifyLines(result, { detailed: flags.step !== undefined, colored: isColored(process.stdout) }));
  if (result.steps.some(({ state }) => state === 'missing' || state === 'wrong')) {
    return ExitCode.failed;
  }
  // What AWS does not let us look at is not verified.
  return result.steps.some(({ findings }) => findings.some(({ code }) => code === 'aws.denied')) ? ExitCode.aws : ExitCode.done;
}

/** The lake as a map. Where the account cannot be looked at, it is drawn all the same, and nothing on it has a state. */
export async function mapCommand(flags: CommonFlags & { readonly svg?: string }): Promise<ExitCode> {
  const [{ lakeMap }, { mapSvg }, { lookForMap }] = await Promise.all([import('../pictures/lakeMap.ts'), import('../pictures/mapSvg.ts'), import('../pictures/look.ts')]);
  let unseen: UserError | undefined;
  const seen = await session(flags).then(async ({ options }) => ({ tutorial: options.tutorial, ...(await lookForMap(options)) })).catch((error: unknown) => {
    // What is wrong with the command line is no matter of the account's.
    if (!UserError.is(error) || error.exit !== ExitCode.aws) {
      throw error;
    }
    unseen = error;
    return undefined;
  });
  endProgress();
  const map = lakeMap(seen?.tutorial ?? (await loadTutorial({ file: flags.tutorial, language: flags.lang })), seen?.steps, seen?.traffic.counts, seen?.traffic);
  if (flags.svg !== undefined) {
    await (await import('./reports.ts')).writeReport(flags.svg, mapSvg(map, { colouring: 'plain', language: flags.lang }));
  }
  const { hint } = seen ?? {};
  print(flags, { ...map, ...(unseen && { problem: { code: unseen.code, message: unseen.what, why: unseen.why, fix: unseen.next } }) }, () => mapLines(map));
  [unseen?.what, unseen?.why, unseen?.next, hint].filter((line) => line !== undefined).forEach(say);
  // What AWS does not let us look at is not on the map as it is.
  return unseen || seen?.steps.some(({ findings }) => findings.some(({ code }) => code === 'aws.denied')) ? ExitCode.aws : ExitCode.done;
}

export async function downCommand(flags: CommonFlags): Promise<ExitCode> {
  const { down, withDependants } = await import('../provision/down.ts');
  const { findKind, resourcesOf } = await import('../provision/account-view.ts');
  const { options, connection } = await session(flags);
  const all = resourcesOf(options.tutorial, undefined, true);
  const goes = flags.step ? withDependants(all, (resourcesOf(options.tutorial, flags.step, false), flags.step)) : all;
  if (!flags.yes && process.stdin.isTTY) {
    removalLines((await connection.identity()).accountId, goes.filter(({ kind }) => kind.remove).map(({ kind }) => kind.title())).forEach(say);
  }
  if (!(await confirm(l10n.t('Remove them?'), flags))) {
    throw needsYes(l10n.t('nothing was removed.'));
  }
  const result = await down(options);
  endProgress();
  print(flags, result, () => downLines(result, (id) => findKind(id)?.title()));
  return result.failed.length + result.unseen.length === 0 ? ExitCode.done : ExitCode.aws;
}

export async function sandboxCommand(action: string, flags: { state?: string; port?: number; listen?: string; controlPlaneOnly?: boolean; sparkRemote?: string; json?: boolean; yes?: boolean }): Promise<ExitCode> {
  const sandbox = await import('../sandbox/control/sandbox.ts');
  const options = { state: flags.state, port: flags.port, listen: flags.listen, controlPlaneOnly: flags.controlPlaneOnly, sparkRemote: flags.sparkRemote, signal: abort.signal, onProgress: (message: string) => say(message) };
  if (action === 'reset' && !(await confirm(l10n.t('Delete all that is in the sandbox?'), flags))) {
    throw needsYes(l10n.t('nothing was removed.'));
  }
  const status = await { start: sandbox.startSandbox, stop: sandbox.stopSandbox, status: sandbox.sandboxStatus, reset: sandbox.resetSandbox }[action as 'start'](options);
  print(flags, status, () => [...(action === 'reset' ? [l10n.t('All that was in the sandbox is deleted.')] : []), ...sandboxLines(status)]);
  return ExitCode.done;
}

export async function tickCommand(flags: { count: number; state?: string; json?: boolean }): Promise<ExitCode> {
  const { tickSandbox } = await import('../sandbox/control/sandbox.ts');
  const result = await tickSandbox(flags.count, { state: flags.state, signal: abort.signal });
  print(flags, result, () => tickLines(result));
  return result.failed > 0 ? ExitCode.failed : ExitCode.done;
}

export async function insertCommand(flags: CommonFlags & { rows: number; spreadHours: number }): Promise<ExitCode> {
  const { insertRows } = await import('../provision/insert.ts');
  const { options } = await session(flags);
  const result = await insertRows(options, flags.rows, flags.spreadHours);
  print(flags, result, () => insertLines(result));
  return ExitCode.done;
}

export async function runCommand(flags: CommonFlags & { readonly svg?: string }): Promise<ExitCode> {
  const { costPerRun, isGood, run } = await import('../provision/run.ts');
  const { options, connection } = await session(flags);
  if (flags.target === 'aws' && !flags.yes) {
    const cost = l10n.t('A run costs about {0} USD.', cents(about(costPerRun())));
    if (!(await confirm(`${cost} ${l10n.t('Start it?')}`, flags))) {
      throw needsYes(cost);
    }
  }
  const result = await run({ ...options, onRunProgress: runLine });
  endProgress();
  if (flags.svg !== undefined) {
    const [{ runChartSvg }, { writeReport }] = await Promise.all([import('../pictures/runChart.ts'), import('./reports.ts')]);
    await writeReport(flags.svg, runChartSvg(result, { colouring: 'plain', language: flags.lang }));
  }
  print(flags, result, () => runLines(result));
  sayAfterRun(result, { region: flags.region, endpoint: connection.options.endpoint });
  return isGood(result) ? ExitCode.done : ExitCode.failed;
}

/** What failed in a run, why, and where its log is; or what to do when nothing came. */
function sayAfterRun(result: RunResult, { region, endpoint }: Pick<CommonFlags, 'region' | 'endpoint'>): void {
  if (result.error) {
    say(result.error);
  }
  for (const { name, state, error, log } of result.nodes.filter(({ state: each }) => each !== 'SUCCEEDED' && each !== 'WAITING')) {
    say(`${name}: ${state}${error ? `: ${error}` : ''}`);
    if (log) {
      say(l10n.t('Its log: {0}', `aws logs get-log-events --region ${region}${endpoint ? ` --endpoint-url ${endpoint}` : ''} --log-group-name ${log.group} --log-stream-name ${log.stream}`));
    }
  }
  if (result.status !== 'COMPLETED' || result.nodes.some(({ state }) => state !== 'SUCCEEDED')) {
    say(l10n.t('To find the cause: lake-tutorial verify'));
    return;
  }
  const hint = emptyRun(result);
  if (hint !== undefined) {
    say(hint);
  }
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export async function queryCommand(sql: string | undefined, flags: CommonFlags & { database?: string; workGroup?: string; maxRows: number }): Promise<ExitCode> {
  const [{ noSql, runQuery }, { AccountView: AccountView }, { workGroupName }, { tableText }] = await Promise.all([
    import('../aws/query.ts'), import('../provision/account-view.ts'), import('../resources/kinds/work-group.ts'), import('../table.ts'),
  ]);
  const text = sql === undefined && process.stdin.isTTY ? '' : sql === undefined || sql === '-' ? await readInput() : sql;
  if (text.trim() === '') {
    throw noSql(l10n.t('Give it in quotes, or with - on standard input.'));
  }
  const { options, connection } = await session(flags);
  const { names } = await AccountView.open(options);
  // One statement, without its semicolon, as Athena takes it.
  const result = await runQuery(connection, text.trim().replace(/;+$/, ''), {
    database: flags.database ?? names.lakeDatabase, workGroup: flags.workGroup ?? workGroupName({ names }), signal: abort.signal, maxRows: flags.maxRows,
  });
  print(flags, result, () => [
    ...(result.columns.length > 0 ? [tableText(result.columns.map(({ name }) => ({ name })), result.rows, Number.POSITIVE_INFINITY).trimEnd()] : []),
    queryLine(result.rows.length, result.scannedBytes, result.ms),
  ]);
  if (result.truncated) {
    say(result.rows.length === 1 ? l10n.t('Only the first row is shown: --max-rows gives more.') : l10n.t('Only the first {0} rows are shown: --max-rows gives more.', result.rows.length));
  }
  return ExitCode.done;
}

/** Rows that the demonstration inserts, dated over so many hours back. */
const demoRows = 1000;
const demoHours = 48;

export async function demoCommand(flags: CommonFlags): Promise<ExitCode> {
  const start = performance.now();
  const [{ up }, { verify }, { insertRows }, { isGood, run }, { goldLines, goldSql, readGold }, { AccountView: AccountView }, sandbox] = await Promise.all([
    import('../provision/up.ts'), import('../provision/verify.ts'), import('../provision/insert.ts'), import('../provision/run.ts'), import('../provision/gold.ts'), import('../provision/account-view.ts'), import('../sandbox/control/sandbox.ts'),
  ]);
  const status = await sandbox.startSandbox({ state: flags.state, signal: abort.signal, onProgress: (message) => say(message) });
  if (status.controlPlaneOnly) {
    throw new UserError('sandbox.hollow', l10n.t('The sandbox runs without engine and PostgreSQL.'), { next: l10n.t('Stop it (lake-tutorial sandbox stop), then run the same again.') });
  }
  const times: Record<string, number> = { sandboxMs: Math.round(performance.now() - start) };
  const timed = async <T>(name: string, work: Promise<T>): Promise<T> => {
    const from = performance.now();
    const result = await work;
    times[name] = Math.round(performance.now() - from);
    endProgress();
    return result;
  };
  const { options, connection } = await session({ ...flags, target: 'sandbox' });
  say(l10n.t('Provisioning…'));
  const provisioned = await timed('upMs', up({ ...options, adopt: () => Promise.resolve(true) }));
  const broken = provisioned.resources.filter(({ state }) => state === 'failed' || state === 'blocked');
  if (broken.length > 0) {
    print(flags, { sandbox: status, up: provisioned, ms: times }, () => upLines(provisioned));
    return broken[0]?.error?.exit ?? ExitCode.failed;
  }
  // For people each part is told when it is done; the document comes at the end.
  const show = (lines: readonly string[]): void => void (flags.json || process.stdout.write(`${[...lines, ''].join('\n')}\n`));
  show(upLines(provisioned));
  say(l10n.t('Inserting {0} rows…', demoRows));
  const inserted = await timed('insertMs', insertRows(options, demoRows, demoHours));
  show(insertLines(inserted));
  say(l10n.t('Running the workflow…'));
  const ran = await timed('runMs', run({ ...options, onRunProgress: runLine }));
  show(runLines(ran));
  const { names } = await AccountView.open(options);
  const good = isGood(ran);
  const gold = good ? await timed('queryMs', readGold(connection, names, abort.signal)) : undefined;
  times['toGoldMs'] = Math.round(performance.now() - start);
  if (gold) {
    show([goldSql(names), '', ...goldLines(gold)]);
  }
  const verified = await timed('verifyMs', verify(options));
  show(verifyLines(verified));
  print(flags, { sandbox: status, up: provisioned, rows: inserted, run: ran, query: gold ?? null, verify: verified, ms: times }, () =>
    timeLines(times, { endpoint: status.endpoint ?? '', up: provisioned, inserted: inserted.inserted, run: ran, gold: gold?.rows.length, verify: verified }));
  sayAfterRun(ran, { region: flags.region, endpoint: status.endpoint ?? undefined });
  return !good || gold?.rows.length === 0 || verified.steps.some(({ state }) => state === 'wrong') ? ExitCode.failed : ExitCode.done;
}
