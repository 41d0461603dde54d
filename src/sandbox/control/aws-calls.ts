import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as l10n from '@vscode/l10n';
import { pythonModule } from '../kernel/files.ts';
import { ownEnvironment } from '../kernel/processes.ts';

/** A call of AWS as its command line names it: `iam`, `get-user`. */
export interface AwsCall {
  readonly service: string;
  readonly operation: string;
}

export type AwsAnswer =
  | { readonly output: unknown }
  /** `usage`: AWS has no such call; `unimplemented`: the endpoint has not; `aws`: AWS's own refusal. */
  | { readonly error: { readonly kind: 'usage' | 'unimplemented' | 'aws'; readonly code: string; readonly message: string } };

type AwsError = Extract<AwsAnswer, { readonly error: unknown }>['error'];

type Answer = { readonly id: number } & ({ readonly output: unknown } | { readonly error: AwsError & { readonly about?: readonly string[]; readonly meant?: string } });

/** What was wrong with a call, by the code that aws_calls.py gives it. */
const words: Readonly<Record<string, (one: string, two: string) => string>> = {
  shorthand: (part) => l10n.t('Name=value is expected here: {0}', part),
  member: (name, names) => l10n.t('{0} is none of {1}.', name, names),
  number: (text) => l10n.t('A number is expected here: {0}', text),
  boolean: (text) => l10n.t('true or false is expected here: {0}', text),
  file: (flag) => l10n.t('{0}: nothing is read from files or addresses here.', flag),
  value: (flag) => l10n.t('{0} needs a value.', flag),
  'one-value': (flag) => l10n.t('{0} takes one value; a text with blanks needs quotes.', flag),
  'no-flag': (word) => l10n.t('This belongs to no flag: {0}', word),
  flag: (operation, flag) => l10n.t('{0} has no flag {1}.', operation, flag),
  missing: (operation, flags) => l10n.t('{0} also needs {1}.', operation, flags),
  service: (service) => l10n.t('AWS has no service "{0}".', service),
  operation: (service, operation) => l10n.t('{0} has no operation {1}.', service, operation),
  query: (why) => l10n.t('--query cannot be read: {0}', why),
};

function worded({ about = [], meant, ...error }: AwsError & { readonly about?: readonly string[]; readonly meant?: string }): AwsError {
  const message = words[error.code]?.(about[0] ?? '', about[1] ?? '') ?? error.message;
  return { ...error, message: meant ? `${message} ${l10n.t('Did you mean {0}?', meant)}` : message };
}

/** Makes any of AWS's calls at an endpoint, through botocore's own descriptions of them. */
export interface AwsCalls {
  /** As the AWS CLI would with these words after the operation's name. */
  run(call: AwsCall, words: readonly string[]): Promise<AwsAnswer>;
  /** With parameters as the API names them. */
  call(call: AwsCall, params: Readonly<Record<string, unknown>>): Promise<AwsAnswer>;
  close(): void;
}

/** Starts the process that makes the calls; it takes the sandbox's own Python, which has botocore. */
export function openAwsCalls({ python, endpoint, region }: { readonly python: string; readonly endpoint: string; readonly region: string }): AwsCalls {
  let child: ChildProcessWithoutNullStreams | undefined;
  let last = 0;
  const waiting = new Map<number, (answer: AwsAnswer) => void>();
  const start = (): ChildProcessWithoutNullStreams => {
    const { arguments: module, cwd } = pythonModule('sandbox.control.aws_calls');
    const started = spawn(python, [...module, endpoint, region], { cwd, env: { ...ownEnvironment(), PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' }, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    let said = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    started.stdin.on('error', () => undefined);
    createInterface({ input: started.stdout }).on('line', (line) => {
      const { id, ...answer } = JSON.parse(line) as Answer;
      waiting.get(id)?.('error' in answer ? { error: worded(answer.error) } : answer);
      waiting.delete(id);
    });
    const ended = (why: string): void => {
      child = undefined;
      for (const tell of waiting.values()) {
        tell({ error: { kind: 'usage', code: 'ended', message: why } });
      }
      waiting.clear();
    };
    started.once('error', (error) => ended(error.message));
    started.once('close', () => ended(said.trim().split('\n').at(-1) ?? ''));
    return started;
  };
  const ask = (request: object): Promise<AwsAnswer> =>
    new Promise((tell) => {
      child ??= start();
      const id = ++last;
      waiting.set(id, tell);
      child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  return {
    run: (call, words) => ask({ ...call, words }),
    call: (call, params) => ask({ ...call, params }),
    close: () => void child?.kill(),
  };
}
