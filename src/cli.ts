#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';
import * as l10n from '@vscode/l10n';
import { createInterface } from 'node:readline/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, UserError, isCancellation, messageOf, sentences } from './errors.ts';
import type { Connection, Target } from './aws/connection.ts';
import type { Adoption } from './provision/adoption.ts';
import type { ProvisionOptions, ProgressEvent } from './provision/environment.ts';
import type { RunProgress, RunResult } from './provision/run.ts';
import {
  costLines, costTotal, downLines, emptyRun, insertLines, money, planLines, queryLine, removalLines, runLines, sandboxLines, table, tickLines, timeLines, upLines, verifyLines,
} from './cliText.ts';
import { doing } from './provision/words.ts';
import { inLanguage, usageError } from './cliHelp.ts';
import { connectTarget, loadTutorial, packageRoot, readAsset, type Language } from './shell.ts';

// The SDK prints a page about Node's version on stderr, where our own prose goes.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

interface CommonFlags {
  readonly target: Target;
  readonly profile?: string;
  readonly region: string;
  readonly endpoint?: string;
  readonly tutorial?: string;
  readonly step?: string[];
  readonly var?: Record<string, string>;
  readonly lang: Language;
  readonly quicksight?: boolean;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly state?: string;
}

const abort = new AbortController();
const say = (text = ''): void => void process.stderr.write(`${text}\n`);

function collectVariable(value: string, previous: Record<string, string> = {}): Record<string, string> {
  const at = value.indexOf('=');
  if (at < 1) {
    throw new UserError('usage.var', l10n.t('--var needs the form name=value, not "{0}".', value), { exit: ExitCode.usage });
  }
  return { ...previous, [value.slice(0, at)]: value.slice(at + 1) };
}

/** Who dates rows further back than a century has mistyped, and the inserter's calendar ends somewhere. */
const mostHours = 100 * 365 * 24;

/** A whole number of at least one; `least` is commander's default value where it matters. */
function countOf(value: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const count = Number(value);
  const lowest = Math.min(least, 1);
  if (count > most) {
    throw new UserError('usage.count', l10n.t('"{0}" is more than {1}.', value, most), { exit: ExitCode.usage });
  }
  if (!Number.isInteger(count) || count < lowest) {
    throw new UserError('usage.count', l10n.t('"{0}" is not a whole number of at least {1}.', value, lowest), { exit: ExitCode.usage });
  }
  return count;
}

const languageOption = (): Option => new Option('--lang <language>', l10n.t('language of messages')).choices(['en', 'es']).default('en');

const common = (command: Command): Command =>
  command
    .addOption(new Option('--target <target>', l10n.t('the sandbox, or AWS')).choices(['sandbox', 'aws']).default('sandbox'))
    .option('--profile <name>', l10n.t('profile of ~/.aws/config'))
    .option('--region <region>', l10n.t('AWS region'), 'us-east-2')
    .option('--endpoint <url>', l10n.t('any AWS-compatible endpoint; credentials from the usual chain'))
    .option('--tutorial <file>', l10n.t('a tutorial in Markdown instead of the built-in one'))
    .option('--step <id>', l10n.t('only this step (repeatable)'), (value: string, previous: string[] = []) => [...previous, value])
    .option('--var <name=value>', l10n.t('value of a variable (repeatable)'), collectVariable)
    .addOption(languageOption())
    .option('--quicksight', l10n.t('consent to the monthly cost of QuickSight'))
    .option('--json', l10n.t('one JSON document on stdout'))
    .option('--yes', l10n.t('do not ask'))
    .option('--state <dir>', l10n.t("the sandbox's folder"));

function setLanguage(language: 'es'): void {
  l10n.config({ contents: JSON.parse(readFileSync(join(packageRoot(), 'l10n', `bundle.l10n.${language}.json`), 'utf8')) as Record<string, string> });
}

/** Prints a result: the document with `--json`, else the given lines for people. */
function print(flags: Pick<CommonFlags, 'json'>, document: unknown, lines: () => string[]): void {
  process.stdout.write(flags.json ? `${JSON.stringify(document, jsonError, 2)}\n` : `${lines().join('\n')}\n`);
}
const jsonError = (_key: string, value: unknown): unknown => (value instanceof UserError ? { code: value.code, message: value.what, why: value.why, fix: value.next } : value);

async function confirm(question: string, flags: Pick<CommonFlags, 'yes'>): Promise<boolean> {
  if (flags.yes) {
    return true;
  }
  if (!process.stdin.isTTY) {
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(y|yes|s|si|sí)$/i.test((await prompt.question(`${question} ${l10n.t('[y/N]')} `, { signal: abort.signal })).trim());
  } finally {
    prompt.close();
  }
}

const needsYes = (what: string): UserError =>
  new UserError('usage.confirm', l10n.t('Not confirmed: {0}', what), { next: l10n.t('Confirm at the prompt, or with --yes.'), exit: ExitCode.usage });

/** Shows progress as one changing line on a terminal, and not at all elsewhere. */
function progressLine(event: ProgressEvent): void {
  if (process.stderr.isTTY) {
    const text = `${event.completed}/${event.total} ${event.title}: ${event.message ?? doing(event.state)}`;
    process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }
}
const endProgress = (): void => void (process.stderr.isTTY && process.stderr.write('\r\x1b[K'));

async function session(flags: CommonFlags, start = false): Promise<{ connection: Connection; options: ProvisionOptions }> {
  const connecting = connectTarget({ ...flags, signal: abort.signal, start, onProgress: (message) => say(message) });
  // The first call is on its way while the tutorial is parsed; whether it fails is seen by who needs it.
  connecting.then((connection) => connection.identity()).catch(() => undefined);
  const [tutorial, connection] = await Promise.all([loadTutorial({ file: flags.tutorial, language: flags.lang }), connecting]);
  return {
    connection,
    options: { tutorial, connection, variables: flags.var, steps: flags.step, quicksight: flags.quicksight, signal: abort.signal, assets: readAsset, onProgress: progressLine },
  };
}

/** Whether it is our own sandbox, where nothing is charged, and no endpoint of which nobody knows that. */
const isSandbox = ({ target, endpoint }: CommonFlags): boolean => target === 'sandbox' && endpoint === undefined;

/** Who asks to provision the step that cleans up is told how that is done. */
function sayCleanup({ tutorial, steps }: ProvisionOptions): void {
  if (tutorial.steps.some(({ id, role }) => role === 'cleanup' && steps?.includes(id))) {
    say(l10n.t('To remove what the tutorial made: lake-tutorial down'));
  }
}

async function planCommand(flags: CommonFlags): Promise<ExitCode> {
  const { plan } = await import('./provision/plan.ts');
  const { options } = await session(flags);
  const result = await plan(options);
  endProgress();
  print(flags, result, () => [...planLines(result), ...(result.actions.length > 0 ? ['', ...costLines(result, isSandbox(flags))] : [])]);
  sayCleanup(options);
  return ExitCode.done;
}

async function agreeToAdopt(found: readonly Adoption[], flags: CommonFlags): Promise<boolean> {
  if (flags.yes || process.stdin.isTTY) {
    const { adoptionLead, adoptionLines } = await import('./provision/adoption.ts');
    endProgress();
    [adoptionLead(), ...found.flatMap(adoptionLines)].forEach(say);
  }
  return confirm(l10n.t('Take over what is there already?'), flags);
}

async function upCommand(flags: CommonFlags): Promise<ExitCode> {
  const [{ up }, { plan }] = await Promise.all([import('./provision/up.ts'), import('./provision/plan.ts')]);
  const { options, connection } = await session(flags);
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
  const result = await up({ ...options, adopt: (found) => agreeToAdopt(found, flags) });
  endProgress();
  print(flags, result, () => upLines(result));
  sayCleanup(options);
  const failed = result.resources.filter(({ state }) => state === 'failed');
  for (const { title, error } of failed) {
    say(`${title}: ${error?.message ?? ''}`);
  }
  // The first failure tells whether AWS refused (3) or something else is wrong (1).
  return failed.length === 0 ? ExitCode.done : (failed[0]?.error?.exit ?? ExitCode.failed);
}

async function verifyCommand(flags: CommonFlags): Promise<ExitCode> {
  const { verify } = await import('./provision/verify.ts');
  const { options } = await session(flags);
  const result = await verify(options);
  print(flags, result, () => verifyLines(result));
  return result.steps.some(({ state }) => state === 'missing' || state === 'wrong') ? ExitCode.failed : ExitCode.done;
}

async function downCommand(flags: CommonFlags): Promise<ExitCode> {
  const { down, withDependants } = await import('./provision/down.ts');
  const { findKind, resourcesOf } = await import('./provision/environment.ts');
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
  return result.failed.length === 0 ? ExitCode.done : ExitCode.aws;
}

async function sandboxCommand(action: string, flags: { state?: string; port?: number; controlPlaneOnly?: boolean; sparkRemote?: string; json?: boolean; yes?: boolean }): Promise<ExitCode> {
  const sandbox = await import('./sandbox/control.ts');
  const options = { state: flags.state, port: flags.port, controlPlaneOnly: flags.controlPlaneOnly, sparkRemote: flags.sparkRemote, signal: abort.signal, onProgress: (message: string) => say(message) };
  if (action === 'reset' && !(await confirm(l10n.t('Delete all that is in the sandbox?'), flags))) {
    throw needsYes(l10n.t('nothing was removed.'));
  }
  const status = await { start: sandbox.startSandbox, stop: sandbox.stopSandbox, status: sandbox.sandboxStatus, reset: sandbox.resetSandbox }[action as 'start'](options);
  print(flags, status, () => [...(action === 'reset' ? [l10n.t('All that was in the sandbox is deleted.')] : []), ...sandboxLines(status)]);
  return ExitCode.done;
}

async function tickCommand(flags: { count: number; state?: string; json?: boolean }): Promise<ExitCode> {
  const { tickSandbox } = await import('./sandbox/control.ts');
  const result = await tickSandbox(flags.count, { state: flags.state, signal: abort.signal });
  print(flags, result, () => tickLines(result));
  return result.failed > 0 ? ExitCode.failed : ExitCode.done;
}

async function insertCommand(flags: CommonFlags & { rows: number; spreadHours: number }): Promise<ExitCode> {
  const { insertRows } = await import('./provision/insert.ts');
  const { options } = await session(flags);
  const result = await insertRows(options, flags.rows, flags.spreadHours);
  print(flags, result, () => insertLines(result));
  return ExitCode.done;
}

async function policyCommand(name: string | undefined, flags: CommonFlags & { account?: string; list?: boolean; part?: number }): Promise<ExitCode> {
  const [{ policies }, { uses }, { lengthOf, longestManagedPolicy, partsOf, permissionsName, permissionsPolicy }, { deriveNames }, { isRegionName }] = await Promise.all([
    import('./policies/policies.ts'), import('./policies/uses.ts'), import('./provision/permissions.ts'), import('./resources/names.ts'), import('./aws/identity.ts'),
  ]);
  const known = [...policies, permissionsPolicy()];
  if (flags.list) {
    print(flags, known.map(({ name: id, kind, prefix }) => ({ name: id, kind, prefix, use: uses[id]?.() ?? '' })), () => table(known.map(({ name: id }) => [id, uses[id]?.() ?? ''])));
    return ExitCode.done;
  }
  // By the prefix of its snippet too, which is what one remembers from the editor.
  const found = known.find((candidate) => [candidate.name.toLowerCase(), candidate.prefix].includes(name?.toLowerCase() ?? ''));
  if (!found) {
    throw new UserError('policy.unknown', name === undefined ? l10n.t('No policy is named.') : l10n.t('There is no policy "{0}".', name), {
      next: sentences(l10n.t('The policies are: {0}.', known.map((candidate) => candidate.name).join(', ')), l10n.t('What each is for: lake-tutorial policy --list')), exit: ExitCode.usage,
    });
  }
  if (!isRegionName(flags.region)) {
    throw new UserError('region.invalid', l10n.t('"{0}" is not the name of an AWS region.', flags.region), { next: l10n.t('Use a name such as us-east-2.'), exit: ExitCode.usage });
  }
  const policy = found.name === permissionsName && (flags.step || flags.quicksight || flags.tutorial) ? permissionsPolicy(await kindsOfSteps(flags)) : found;
  const account = await accountFor(flags);
  const document = policy.document(deriveNames('data-lake', account, account.region, flags.var ?? {}));
  const parts = partsOf(document);
  const part = flags.part === undefined ? document : parts[flags.part - 1];
  if (!part) {
    throw new UserError('policy.part', l10n.t('The policy has no part {0}.', flags.part ?? 0), { next: l10n.t('Its parts: {0}.', parts.length), exit: ExitCode.usage });
  }
  process.stdout.write(`${JSON.stringify(part, undefined, 2)}\n`);
  if (lengthOf(part) > longestManagedPolicy) {
    say(sentences(
      l10n.t('The policy has {0} characters; a managed policy holds {1}.', lengthOf(part), longestManagedPolicy),
      l10n.t('It fits into {0}: --part 1 to --part {0}. Or take fewer steps, or put it inline into a role.', parts.length),
    ));
  }
  return ExitCode.done;
}

async function kindsOfSteps(flags: CommonFlags): Promise<import('./resources/kind.ts').ResourceKind[]> {
  const { resourcesOf } = await import('./provision/environment.ts');
  const tutorial = await loadTutorial({ file: flags.tutorial, language: flags.lang });
  return resourcesOf(tutorial, flags.step, true).map(({ kind }) => kind).filter(({ consent }) => consent === undefined || flags.quicksight);
}

/** The account that a policy is written for: as given, as AWS says, or, while it cannot be asked, as the profile or its access key tell. */
async function accountFor(flags: CommonFlags & { account?: string }): Promise<{ accountId: string; partition: string; region: string }> {
  const { partitionOf } = await import('./aws/identity.ts');
  const { region } = flags;
  if (flags.account !== undefined) {
    if (!/^\d{12}$/.test(flags.account)) {
      throw new UserError('account.invalid', l10n.t('"{0}" is not an account id.', flags.account), { next: l10n.t('An account id has 12 digits.'), exit: ExitCode.usage });
    }
    return { accountId: flags.account, partition: partitionOf(region), region };
  }
  // The sandbox's account only when it was asked for by name: a policy with its zeros would be pasted into a real account.
  const target = process.argv.some((argument) => argument.startsWith('--target')) ? flags.target : 'aws';
  try {
    return { ...(await (await connectTarget({ ...flags, target, signal: abort.signal })).identity()), region };
  } catch (error) {
    abort.signal.throwIfAborted();
    if (target === 'sandbox') {
      throw error;
    }
    const { accountOfChain, readProfiles, regionIn } = await import('./aws/profiles.ts');
    const offline = accountOfChain(await readProfiles().catch(() => []), flags.profile);
    if (offline) {
      say(l10n.t('AWS could not be asked; the account {0} is the one that your profile or access key names.', offline.accountId));
      return { accountId: offline.accountId, partition: offline.partition ?? partitionOf(region), region: regionIn(offline, region) };
    }
    throw new UserError('account.unknown', l10n.t('The account id is not known.'), {
      why: messageOf(error), next: l10n.t('Give it with --account and its 12 digits, or connect: aws configure sso, then --profile NAME.'), exit: ExitCode.usage, cause: error,
    });
  }
}

/** Shows how far a run is, as {@link progressLine} does. */
function runLine({ nodes, status }: RunProgress): void {
  if (process.stderr.isTTY) {
    const ended = nodes.filter(({ state }) => state !== 'WAITING' && state !== 'RUNNING' && state !== 'STARTING').length;
    const text = `${ended}/${nodes.length} ${nodes.find(({ state }) => state === 'RUNNING' || state === 'STARTING')?.name ?? status}`;
    process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }
}

async function runCommand(flags: CommonFlags): Promise<ExitCode> {
  const { costPerRun, isGood, run } = await import('./provision/run.ts');
  const { options, connection } = await session(flags);
  if (flags.target === 'aws' && !flags.yes) {
    const cost = l10n.t('A run costs about {0} USD.', money(costPerRun()));
    if (!(await confirm(`${cost} ${l10n.t('Start it?')}`, flags))) {
      throw needsYes(cost);
    }
  }
  const result = await run({ ...options, onRunProgress: runLine });
  endProgress();
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

async function queryCommand(sql: string | undefined, flags: CommonFlags & { database?: string; workGroup?: string; maxRows: number }): Promise<ExitCode> {
  const [{ runQuery }, { Environment }, { workGroupName }, { tableText }] = await Promise.all([
    import('./aws/query.ts'), import('./provision/environment.ts'), import('./resources/kinds/work-group.ts'), import('./table.ts'),
  ]);
  if (sql === undefined && process.stdin.isTTY) {
    throw new UserError('usage.sql', l10n.t('There is no SQL to run.'), { next: l10n.t('Give it in quotes, or with - on standard input.'), exit: ExitCode.usage });
  }
  const text = sql === undefined || sql === '-' ? await readInput() : sql;
  const { options, connection } = await session(flags);
  const { names } = await Environment.open(options);
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

async function demoCommand(flags: CommonFlags): Promise<ExitCode> {
  const start = performance.now();
  const [{ up }, { verify }, { insertRows }, { isGood, run }, { goldLines, goldSql, readGold }, { Environment }, sandbox] = await Promise.all([
    import('./provision/up.ts'), import('./provision/verify.ts'), import('./provision/insert.ts'), import('./provision/run.ts'), import('./provision/gold.ts'), import('./provision/environment.ts'), import('./sandbox/control.ts'),
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
  const { names } = await Environment.open(options);
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

function program(exit: (code: ExitCode) => void): Command {
  // What is set here the other commands inherit.
  const root = inLanguage(new Command('lake-tutorial')).exitOverride()
    .description(l10n.t('Provisions, verifies and tears down a data lake tutorial on AWS or in a local sandbox.'));
  root.version((JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version, '-V, --version', l10n.t('prints the version'));
  const act = <F extends object>(run: (flags: F) => Promise<ExitCode>) => async (flags: F): Promise<void> => exit(await run(flags));
  common(root.command('plan').description(l10n.t('what up would do, and its cost'))).action(act(planCommand));
  common(root.command('up').description(l10n.t('provisions all or the named steps'))).action(act(upCommand));
  common(root.command('verify').description(l10n.t('looks at the account, step by step'))).action(act(verifyCommand));
  common(root.command('down').description(l10n.t('removes what the tutorial made'))).action(act(downCommand));
  common(root.command('run').description(l10n.t('starts the workflow and follows it to its end'))).action(act(runCommand));
  const query = common(root.command('query').argument('[sql]', l10n.t('SQL, or - to read it from standard input')).description(l10n.t('runs SQL on Athena')))
    .option('--database <name>', l10n.t("the database that names without one are in; the lake's without it"))
    .option('--work-group <name>', l10n.t("Athena's work group; the tutorial's without it"))
    .option('--max-rows <n>', l10n.t('rows to fetch at most'), (value: string) => countOf(value, 1), 10_000)
    .action(async (sql: string | undefined, flags: Parameters<typeof queryCommand>[1]) => act((all: typeof flags) => queryCommand(sql, all))(flags));
  common(root.command('demo').description(l10n.t('the main job from nothing, in the sandbox'))).action(act(demoCommand));
  common(root.command('policy').argument('[name]', l10n.t('one of those that --list names')).description(l10n.t('an IAM policy with the account id in it')))
    .option('--account <id>', l10n.t('the account id, 12 digits: then no call is made'))
    .option('--part <n>', l10n.t('one of the parts of a policy that is too long for a managed one'), (value: string) => countOf(value, 1))
    .option('--list', l10n.t('names all policies, and what each is for'))
    .action(async (name: string | undefined, flags: CommonFlags) => act((all: CommonFlags) => policyCommand(name, all))(flags));
  const sandbox = root.command('sandbox').description(l10n.t('the local AWS'));
  const actions = {
    start: l10n.t('starts it; ends when it answers'),
    stop: l10n.t('stops it; what it holds is kept'),
    status: l10n.t('says whether it runs, and where'),
    reset: l10n.t('stops it and deletes all that it holds'),
  };
  for (const [action, description] of Object.entries(actions)) {
    sandbox
      .command(action)
      .description(description)
      .option('--port <port>', l10n.t('the port to listen on'), (value: string) => {
        const port = Number(value);
        if (!Number.isInteger(port) || port < 1 || port > 65535) {
          throw new UserError('usage.port', l10n.t('"{0}" is not a port.', value), { exit: ExitCode.usage });
        }
        return port;
      })
      .option('--state <dir>', l10n.t("the sandbox's folder"))
      .option('--control-plane-only', l10n.t('without engine and PostgreSQL'))
      .option('--spark-remote <url>', l10n.t('a Spark Connect server to run the jobs on: sc://host:port'))
      .addOption(languageOption())
      .option('--json', l10n.t('one JSON document on stdout'))
      .option('--yes', l10n.t('do not ask'))
      .action(act((flags: { lang: Language; state?: string }) => sandboxCommand(action, flags)));
  }
  const tick = sandbox.command('tick');
  tick
    .description(l10n.t('pushes time forward: runs the next scheduled events now'))
    .option('--count <n>', l10n.t('how many events'), countOf, 1)
    .option('--state <dir>', l10n.t("the sandbox's folder"))
    .addOption(languageOption())
    .option('--json', l10n.t('one JSON document on stdout'))
    .action(act(tickCommand));
  const insert = sandbox.command('insert');
  common(insert.description(l10n.t('inserts rows into the source table now')))
    .option('--rows <n>', l10n.t('how many rows'), countOf, 1000)
    .option('--spread-hours <n>', l10n.t('dated at random over so many hours back'), (value: string) => countOf(value, 0, mostHours), 48)
    .action(act(insertCommand));
  // Without quotes, a shell makes words of the SQL.
  answerExcess(query, 1, (words) => new UserError('usage.sql', l10n.t('The SQL is in pieces.'), { next: l10n.t('Give it in quotes: {0}', `lake-tutorial query "${words.join(' ')}"`), exit: ExitCode.usage }));
  // `insert 50` is what one tries first.
  for (const [command, flag] of [[tick, '--count'], [insert, '--rows']] as const) {
    answerExcess(command, 0, ([count = '']) => new UserError('usage', l10n.t('"{0}" is given without a flag.', count), { next: `lake-tutorial sandbox ${command.name()} ${flag} ${count}`, exit: ExitCode.usage }));
  }
  for (const command of [root, sandbox]) {
    command.helpCommand(l10n.t('help [command]'), l10n.t('shows the help of a command'));
  }
  return root;
}

/** To more arguments than a command takes, the answer is how it is done, not only that they are too many. */
function answerExcess(command: Command, takes: number, answer: (given: readonly string[]) => UserError): void {
  command.allowExcessArguments().hook('preAction', () => {
    if (command.args.length > takes) {
      throw answer(command.args);
    }
  });
}

/** The words that name the command which was given, as far as there is one. */
function commandPath(root: Command): string {
  const path = [root];
  for (const word of process.argv.slice(2)) {
    const next = path.at(-1)?.commands.find((command) => command.name() === word);
    if (!next) {
      break;
    }
    path.push(next);
  }
  return path.map((command) => command.name()).join(' ');
}

async function main(): Promise<ExitCode> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => abort.abort(Object.assign(new Error(l10n.t('Cancelled.')), { name: 'AbortError' })));
  }
  for (const stream of [process.stdout, process.stderr]) {
    // Whoever reads what we print may have had enough (`| head`): what was asked for is done all the same.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') {
        throw error;
      }
    });
  }
  let code: ExitCode = ExitCode.done;
  // Before the flags are parsed: what is wrong with them is said in this language too.
  if (/(^|\s)--lang[ =]es(\s|$)/.test(process.argv.slice(2).join(' '))) {
    setLanguage('es');
  }
  const root = program((result) => (code = result));
  try {
    await root.parseAsync();
    return code;
  } catch (error) {
    endProgress();
    const json = process.argv.includes('--json');
    // With --json stdout is one document, whatever happens.
    const document = (code: string, message: string, why?: string, fix?: string): void => void (json && process.stdout.write(`${JSON.stringify({ error: { code, message, why, fix } })}\n`));
    if (abort.signal.aborted || isCancellation(error)) {
      const message = l10n.t('Cancelled. Run the same again to go on where it was.');
      say(message);
      document('cancelled', message);
      return ExitCode.cancelled;
    }
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) {
        return ExitCode.done;
      }
      if (error.code === 'commander.help') {
        // The help itself is the answer to a command that is not complete; commander has printed it.
        document('usage', l10n.t('The command is not complete.'), undefined, `${commandPath(root)} --help`);
        return ExitCode.usage;
      }
    }
    const shown = UserError.is(error) ? error : error instanceof CommanderError ? usageError(error, commandPath(root)) : new UserError('internal', l10n.t('Something unexpected happened.'), { why: messageOf(error), next: l10n.t('Run the same again; if it stays, report it with the log.') });
    [shown.what, shown.why, shown.next].filter((line) => line !== undefined).forEach((line) => say(line));
    document(shown.code, shown.what, shown.why, shown.next);
    return shown.exit;
  }
}

// Not process.exit: what is still on its way to a pipe would be lost.
process.exitCode = await main();
abort.abort();
