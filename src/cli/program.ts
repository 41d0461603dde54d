import { Command, Option } from 'commander';
import * as l10n from '@vscode/l10n';
import { ExitCode, UserError } from '../errors.ts';
import { languages, type Language } from '../languages.generated.ts';
import { readProfiles } from '../aws/profiles.ts';
import { version } from '../shell.ts';
import { costsCommand, doctorCommand, explainCommand } from './access.ts';
import { checkCommand, type CheckFlags } from './check.ts';
import { demoCommand, downCommand, insertCommand, mapCommand, planCommand, queryCommand, runCommand, sandboxCommand, tickCommand, upCommand, verifyCommand } from './commands.ts';
import { exportCommand, type ExportFlags } from './export.ts';
import { inLanguage, systemLanguage } from './help.ts';
import { policyCommand } from './policy.ts';
import type { CommonFlags } from './terminal.ts';
import { testCommand, type TestFlags } from './test.ts';

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

const languageOption = (): Option => new Option('--lang <language>', l10n.t('language of messages; the system\'s where we speak it')).choices([...languages]).default(systemLanguage());

/** A flag that every command takes, and that some do nothing with: their help does not name it. */
type Unheeded = 'target' | 'profile' | 'step' | 'quicksight' | 'yes';

const common = (command: Command, unheeded: readonly Unheeded[] = []): Command => {
  withCommon(command).options.filter((option) => (unheeded as readonly string[]).includes(option.attributeName())).forEach((option) => option.hideHelp());
  return command;
};

const withCommon = (command: Command): Command =>
  command
    .addOption(new Option('--target <target>', l10n.t('the sandbox, or AWS')).choices(['sandbox', 'aws']).default('sandbox'))
    .option('--profile <name>', l10n.t('profile of ~/.aws/config'))
    .option('--region <region>', l10n.t('AWS region; on AWS the profile\'s without it'), 'us-east-2')
    .option('--endpoint <url>', l10n.t('any AWS-compatible endpoint; credentials from the usual chain'))
    .option('--tutorial <file>', l10n.t('a tutorial in Markdown instead of the built-in one'))
    .option('--step <id>', l10n.t('only this step (repeatable)'), (value: string, previous: string[] = []) => [...previous, value])
    .option('--var <name=value>', l10n.t('value of a variable (repeatable)'), collectVariable)
    .addOption(languageOption())
    .option('--quicksight', l10n.t('consent to the monthly cost of QuickSight'))
    .option('--json', l10n.t('one JSON document on stdout'))
    .option('--yes', l10n.t('do not ask'))
    .option('--state <dir>', l10n.t("the sandbox's folder"));

/** The command line's grammar. `exit` is told how a command ended. */
export function program(exit: (code: ExitCode) => void): Command {
  // What is set here the other commands inherit.
  const root = inLanguage(new Command('lake-tutorial')).exitOverride()
    .description(l10n.t('Provisions, verifies and tears down a data lake tutorial on AWS or in a local sandbox.'));
  root.version(version(), '-V, --version', l10n.t('prints the version'));
  const act = <F extends object>(run: (flags: F) => Promise<ExitCode>) => async (flags: F): Promise<void> => exit(await run(flags));
  common(root.command('plan').description(l10n.t('what up would do, and its cost')), ['yes']).action(act(planCommand));
  common(root.command('up').description(l10n.t('provisions all or the named steps')))
    .option('--report <file>', l10n.t('writes calls, codes and times, without ids, for the authors'))
    .action(act(upCommand));
  common(root.command('verify').description(l10n.t('looks at the account, step by step')), ['yes'])
    .option('--junit <file>', l10n.t('writes a report for CI too, as JUnit XML'))
    .action(act(verifyCommand));
  common(root.command('down').description(l10n.t('removes what the tutorial made')), ['quicksight']).action(act(downCommand));
  common(root.command('run').description(l10n.t('starts the workflow and follows it to its end')), ['step', 'quicksight'])
    .option('--svg <file>', l10n.t('draws when each part waited and ran too, as SVG'))
    .action(act(runCommand));
  common(root.command('map').description(l10n.t("the tutorial's lake as a map, as the account has it")), ['yes'])
    .option('--svg <file>', l10n.t('draws it too, as SVG'))
    .action(act(mapCommand));
  const query = common(root.command('query').argument('[sql]', l10n.t('SQL, or - to read it from standard input')).description(l10n.t('runs SQL on Athena')), ['step', 'quicksight', 'yes'])
    .option('--database <name>', l10n.t("the database that names without one are in; the lake's without it"))
    .option('--work-group <name>', l10n.t("Athena's work group; the tutorial's without it"))
    .option('--max-rows <n>', l10n.t('rows to fetch at most'), (value: string) => countOf(value, 1), 10_000)
    .action(async (sql: string | undefined, flags: Parameters<typeof queryCommand>[1]) => act((all: typeof flags) => queryCommand(sql, all))(flags));
  common(root.command('demo').description(l10n.t('the main job from nothing, in the sandbox')), ['target', 'profile', 'quicksight', 'yes']).action(act(demoCommand));
  common(root.command('doctor').description(l10n.t('what you may do here, before the first step; only looks')), ['yes']).action(act(doctorCommand));
  common(root.command('explain').description(l10n.t('who may do what on a table or a location, and what is missing')), ['step', 'quicksight', 'yes'])
    .requiredOption('--principal <arn>', l10n.t('the ARN of a user, role or group'))
    .option('--table <name>', l10n.t('a table with its database: DATABASE.TABLE'))
    .option('--location <uri>', l10n.t('a location in place of a table: s3://BUCKET/PREFIX'))
    .option('--action <permission>', l10n.t('a permission of Lake Formation; SELECT without it'))
    .action(act(explainCommand));
  common(root.command('costs').description(l10n.t('what exists that is charged, since when')), ['quicksight', 'yes']).action(act(costsCommand));
  common(root.command('policy').argument('[name]', l10n.t('one of those that --list names')).description(l10n.t('an IAM policy with the account id in it')), ['yes'])
    .option('--account <id>', l10n.t('the account id, 12 digits: then no call is made'))
    .option('--part <n>', l10n.t('one of the parts of a policy that is too long for a managed one'), (value: string) => countOf(value, 1))
    .option('--list', l10n.t('names all policies, and what each is for'))
    .action(async (name: string | undefined, flags: CommonFlags) => act((all: CommonFlags) => policyCommand(name, all))(flags));
  root.command('check')
    .argument('<file...>', l10n.t('tutorials in Markdown, or globs'))
    .description(l10n.t('checks tutorials: steps, policies, placeholders'))
    .option('--fix', l10n.t('mends what can be mended'))
    .addOption(new Option('--format <format>', l10n.t('how findings are printed')).choices(['text', 'json', 'sarif']).default('text'))
    .addOption(languageOption())
    .option('--json', l10n.t('one JSON document on stdout'))
    .action(async (files: string[], flags: CheckFlags) => act((all: CheckFlags) => checkCommand(files, all))(flags));
  root.command('test')
    .argument('<file>', l10n.t('a tutorial in Markdown'))
    .description(l10n.t("runs a tutorial's steps as tests, in a sandbox of their own"))
    .option('--step <id>', l10n.t('only this step (repeatable)'), (value: string, previous: string[] = []) => [...previous, value])
    .option('--up-to <id>', l10n.t('all steps up to this one'))
    .option('--break', l10n.t('makes the classic mistakes too, one at a time, and says who sees them'))
    .option('--junit <file>', l10n.t('writes the results as JUnit XML'))
    .option('--var <name=value>', l10n.t('value of a variable (repeatable)'), collectVariable)
    .option('--region <region>', l10n.t("AWS region; the tutorial's without it"))
    .addOption(languageOption())
    .option('--json', l10n.t('one JSON document on stdout'))
    .option('--state <dir>', l10n.t('the folder of the sandbox whose Python environment is shared'))
    .action(async (file: string, flags: TestFlags) => act((all: TestFlags) => testCommand(file, all))(flags));
  root.command('export')
    .argument('<file>', l10n.t('a tutorial in Markdown; translations beside it (NAME.es.md, NAME.en.md) are taken with it'))
    .requiredOption('--out <dir>', l10n.t('the folder to write to: new, empty, or exported to before'))
    .description(l10n.t('makes a walkthrough extension of a tutorial'))
    .option('--vsix', l10n.t('packs it, as students install it'))
    .option('--name <id>', l10n.t("the extension's name; the tutorial's id without it"))
    .option('--publisher <id>', l10n.t("the extension's publisher, as registered at the marketplace"))
    .addOption(languageOption())
    .option('--json', l10n.t('one JSON document on stdout'))
    .option('--yes', l10n.t('writes files anew that were changed since the last export'))
    .action(async (file: string, flags: ExportFlags) => act((all: ExportFlags) => exportCommand(file, all))(flags));
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
      .option('--listen <address>', l10n.t('an address beyond this machine to listen at too, for requests signed with the key that start prints'))
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
  common(insert.description(l10n.t('inserts rows into the source table now')), ['step', 'quicksight', 'yes'])
    .option('--rows <n>', l10n.t('how many rows'), countOf, 1000)
    .option('--spread-hours <n>', l10n.t('dated at random over so many hours back'), (value: string) => countOf(value, 0, mostHours), 48)
    .action(act(insertCommand));
  // Without quotes, a shell makes words of the SQL.
  answerExcess(query, 1, (words) => new UserError('usage.sql', l10n.t('The SQL is in pieces.'), { next: l10n.t('Give it in quotes: {0}', `lake-tutorial query "${words.join(' ')}"`), exit: ExitCode.usage }));
  // `insert 50` is what one tries first.
  for (const [command, flag] of [[tick, '--count'], [insert, '--rows']] as const) {
    answerExcess(command, 0, ([count = '']) => new UserError('usage', l10n.t('"{0}" is given without a flag.', count), { next: `lake-tutorial sandbox ${command.name()} ${flag} ${count}`, exit: ExitCode.usage }));
  }
  root.hook('preAction', async (_root, command) => {
    refuseEmpty(command);
    await takeRegion(command);
  });
  for (const command of [root, sandbox]) {
    command.helpCommand(l10n.t('help [command]'), l10n.t('shows the help of a command'));
  }
  return root;
}

/** On AWS, where no region is given, it is the one that AWS's own tools would take: of the environment, else of the profile. */
async function takeRegion(command: Command): Promise<void> {
  const { target, profile, endpoint } = command.opts<Partial<CommonFlags>>();
  if (target === 'aws' && endpoint === undefined && command.getOptionValueSource('region') === 'default') {
    const name = profile ?? process.env['AWS_PROFILE'] ?? 'default';
    const region = (profile === undefined ? environmentRegion() : undefined) ?? (await readProfiles().catch(() => [])).find((each) => each.name === name)?.region ?? environmentRegion();
    if (region !== undefined) {
      command.setOptionValueWithSource('region', region, 'env');
    }
  }
}

const environmentRegion = (): string | undefined => process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION'] || undefined;

/** A flag that is given as nothing, as by a script's unset variable, is no wish for its default: that could be another folder or account. */
function refuseEmpty(command: Command): void {
  for (const option of command.options) {
    const given: unknown = command.getOptionValue(option.attributeName());
    if ([given].flat().some((value) => typeof value === 'string' && value.trim() === '')) {
      throw new UserError('usage.empty', l10n.t('{0} is given without a value.', option.long ?? option.flags), { next: l10n.t('Give it a value, or leave it out.'), exit: ExitCode.usage });
    }
  }
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
export function commandPath(root: Command): string {
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
