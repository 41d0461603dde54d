import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { UserError, isCancellation, messageOf, sentences } from '../../errors.ts';
import { readAsset } from '../../shell.ts';
import type { TestedBreak, TestedStep, TestFinding } from '../../testing/model.ts';
import { breakLines } from '../../testing/words.ts';
import { readForTest, testTutorial } from '../../testing/test-tutorial.ts';
import type { Step } from '../../tutorial/model.ts';
import { parseTutorial } from '../../tutorial/parse.ts';
import { settings } from '../ids.ts';
import { Queue } from '../queue.ts';
import { readSandbox } from '../settings.ts';
import type { EndedTests } from './ended.ts';

/** So long nobody types before tests that follow the text run again. */
const pauseMs = 800;
/** So many Markdown files of a workspace are looked into. */
const mostFiles = 2000;
/** Front matter that says `lake: 1`, within the first lines. */
const declared = /^\uFEFF?---[ \t]*\r?\n(?:(?!---|\.\.\.)[^\n]*\n){0,60}?lake[ \t]*:[ \t]*\d/;

interface Mode {
  readonly upTo?: true;
  readonly break?: true;
}

/** Tests that were asked for: of a tutorial, all of its steps or some. */
interface Asked {
  readonly file: vscode.TestItem;
  readonly steps: readonly string[] | undefined;
}

/** The Test Explorer's tutorials, each with its steps; a run of them has a sandbox of its own. */
export class TutorialTests implements vscode.Disposable {
  private readonly controller = vscode.tests.createTestController('lakeTutorial', 'Lake Tutorial');
  /** Each tutorial starts a sandbox: one at a time. */
  private readonly queue = new Queue();
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  private readonly changed = new vscode.EventEmitter<string>();
  private readonly subscriptions: vscode.Disposable;

  constructor(private readonly log: vscode.LogOutputChannel, private readonly ended: vscode.EventEmitter<EndedTests>) {
    const { controller } = this;
    controller.resolveHandler = (item) => (item ? this.readSteps(item) : this.findTutorials());
    controller.refreshHandler = () => this.findTutorials();
    const { Run } = vscode.TestRunProfileKind;
    const handler = (mode: Mode) => (request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> => this.run(request, token, mode);
    controller.createRunProfile(l10n.t('Run'), Run, handler({}), true, undefined, true);
    controller.createRunProfile(l10n.t('Run up to Here'), Run, handler({ upTo: true }), false);
    controller.createRunProfile(l10n.t('Run with Classic Mistakes'), Run, handler({ break: true }), false);
    this.subscriptions = vscode.Disposable.from(
      controller, this.changed,
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && this.textChanged(document)),
      vscode.workspace.onDidDeleteFiles(({ files }) => files.forEach((uri) => controller.items.delete(uri.toString()))),
      vscode.workspace.onDidRenameFiles(({ files }) => files.forEach(({ oldUri }) => controller.items.delete(oldUri.toString()))),
    );
  }

  dispose(): void {
    this.waiting.forEach((timer) => clearTimeout(timer));
    this.subscriptions.dispose();
  }

  /** Has a tutorial in the explorer, with the steps that its text has now. */
  async show(document: vscode.TextDocument): Promise<void> {
    await this.readSteps(this.add(document.uri));
  }

  private add(uri: vscode.Uri): vscode.TestItem {
    const id = uri.toString();
    let item = this.controller.items.get(id);
    if (!item) {
      item = this.controller.createTestItem(id, uri.path.split('/').at(-1) ?? id, uri);
      item.canResolveChildren = true;
      this.controller.items.add(item);
    }
    return item;
  }

  private async findTutorials(): Promise<void> {
    const patterns = vscode.workspace.getConfiguration().get<readonly string[]>(settings.tutorials) ?? [];
    const [files, ...named] = await Promise.all([
      vscode.workspace.findFiles('**/*.md', '**/node_modules/**', mostFiles),
      ...patterns.filter((pattern) => typeof pattern === 'string').map((pattern) => vscode.workspace.findFiles(pattern, '**/node_modules/**', mostFiles)),
    ]);
    named.flat().forEach((uri) => this.add(uri));
    for (const uri of files ?? []) {
      const head = await vscode.workspace.fs.readFile(uri).then((bytes) => Buffer.from(bytes.subarray(0, 8192)).toString('utf8'), () => '');
      if (declared.test(head)) {
        this.add(uri);
      }
    }
  }

  /** The text of a tutorial: as it is in the editor, saved or not. */
  private async textOf(uri: vscode.Uri): Promise<string> {
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    return open?.getText() ?? Buffer.from(await vscode.workspace.fs.readFile(uri)).toString('utf8');
  }

  private async readSteps(file: vscode.TestItem): Promise<void> {
    // A step has no children.
    if (!file.uri || file.parent) {
      return;
    }
    file.busy = true;
    try {
      const { steps, title } = parseTutorial(await this.textOf(file.uri));
      file.description = title;
      file.children.replace(steps.map((step, index) => this.itemOf(file, step, index)));
      file.error = undefined;
    } catch (error) {
      file.error = messageOf(error);
    } finally {
      file.busy = false;
    }
  }

  private itemOf(file: vscode.TestItem, { id, number, title, headingRange, provisions }: Step, index: number): vscode.TestItem {
    const item = file.children.get(id) ?? this.controller.createTestItem(id, title, file.uri);
    item.label = number === undefined ? title : `${number} ${title}`;
    item.description = provisions.map(({ kind }) => kind).join(', ');
    item.sortText = String(index).padStart(4, '0');
    const { start, end } = headingRange;
    item.range = new vscode.Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
    return item;
  }

  private textChanged(document: vscode.TextDocument): void {
    const id = document.uri.toString();
    const file = this.controller.items.get(id);
    if (!file) {
      return;
    }
    clearTimeout(this.waiting.get(id));
    this.waiting.set(id, setTimeout(() => {
      this.waiting.delete(id);
      void this.readSteps(file).then(() => this.changed.fire(id));
    }, pauseMs));
  }

  /** Runs what was asked for; while a request is continuous, again with each change of its texts. */
  private async run(request: vscode.TestRunRequest, token: vscode.CancellationToken, mode: Mode): Promise<void> {
    const asked = await this.asked(request);
    const once = (which: readonly Asked[], signal: AbortSignal): Promise<void> => this.queue.run(() => this.runOnce(request, which, mode, signal));
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    if (request.continuous !== true) {
      return once(asked, abort.signal);
    }
    let current: AbortController | undefined;
    const subscription = this.changed.event((id) => {
      const changed = asked.filter(({ file }) => file.id === id);
      if (changed.length > 0) {
        // What runs is about a text that is no more.
        current?.abort();
        current = new AbortController();
        void once(changed, AbortSignal.any([abort.signal, current.signal]));
      }
    });
    token.onCancellationRequested(() => subscription.dispose());
  }

  private async asked({ include, exclude = [] }: vscode.TestRunRequest): Promise<Asked[]> {
    const files: vscode.TestItem[] = [];
    this.controller.items.forEach((item) => files.push(item));
    const chosen = include ?? files;
    const result: Asked[] = [];
    for (const file of files.filter((item) => chosen.includes(item) || chosen.some(({ parent }) => parent === item))) {
      if (exclude.includes(file)) {
        continue;
      }
      if (file.children.size === 0) {
        await this.readSteps(file);
      }
      const whole = chosen.includes(file);
      const children: vscode.TestItem[] = [];
      file.children.forEach((child) => children.push(child));
      const steps = children.filter((child) => (whole || chosen.includes(child)) && !exclude.includes(child)).map(({ id }) => id);
      result.push({ file, steps: steps.length === children.length ? undefined : steps });
    }
    return result;
  }

  private async runOnce(request: vscode.TestRunRequest, asked: readonly Asked[], mode: Mode, signal: AbortSignal): Promise<void> {
    const run = this.controller.createTestRun(request);
    const abort = new AbortController();
    run.token.onCancellationRequested(() => abort.abort());
    const both = AbortSignal.any([signal, abort.signal]);
    try {
      for (const each of asked) {
        await this.runFile(run, each, mode, both);
      }
    } finally {
      run.end();
    }
  }

  private async runFile(run: vscode.TestRun, { file, steps }: Asked, mode: Mode, signal: AbortSignal): Promise<void> {
    const { uri } = file;
    if (!uri) {
      return;
    }
    const text = await this.textOf(uri);
    const left = new Set<vscode.TestItem>();
    const item = (id: string): vscode.TestItem | undefined => file.children.get(id);
    try {
      const tutorial = readForTest({ text, name: file.label });
      const last = mode.upTo && steps ? tutorial.steps.filter(({ id }) => steps.includes(id)).at(-1)?.id : undefined;
      const until = last === undefined ? tutorial.steps.length : tutorial.steps.findIndex(({ id }) => id === last) + 1;
      for (const { id } of tutorial.steps.slice(0, until).filter(({ id: step }) => last !== undefined || (steps?.includes(step) ?? true))) {
        const queued = item(id);
        if (queued) {
          left.add(queued);
          run.enqueued(queued);
        }
      }
      const { state, python } = readSandbox();
      const { steps: tested } = await testTutorial({
        text, name: file.label, signal, assets: readAsset, break: mode.break === true,
        ...(last !== undefined ? { upTo: last } : steps && { steps }),
        ...(state !== undefined && { state }), ...(python !== undefined && { python }),
        onEvent: (event) => {
          switch (event.type) {
            case 'progress':
              return run.appendOutput(lines(event.message));
            case 'started': {
              const started = item(event.step);
              return started && run.started(started);
            }
            case 'output':
              return run.appendOutput(lines(event.text), undefined, event.step === undefined ? undefined : item(event.step));
            case 'ended': {
              const done = item(event.step.id);
              if (done) {
                left.delete(done);
                settle(run, done, event.step, uri);
              }
              return undefined;
            }
            case 'broken':
              return run.appendOutput(lines(brokenText(event.made)), event.made.where ? new vscode.Location(uri, lineRange(event.made.where.line)) : undefined);
          }
        },
      });
      this.ended.fire({ uri, steps: tested.map(({ id, state: how, findings }) => ({ id, state: how, lines: findings.filter(({ note }) => !note).map(({ line }) => line) })) });
    } catch (error) {
      left.forEach((each) => run.skipped(each));
      if (signal.aborted || isCancellation(error)) {
        this.ended.fire({ uri, steps: [], cancelled: true });
        return;
      }
      this.log.error(`tests of ${uri.path}: ${messageOf(error)}`);
      const said = UserError.is(error) ? sentences(error.what, error.why, error.next) : messageOf(error);
      run.errored(file, new vscode.TestMessage(said));
      this.ended.fire({ uri, steps: [], error: said });
    }
  }
}

/** The Test Explorer's terminal wants carriage returns. */
const lines = (text: string): string => `${text.replace(/\r?\n/g, '\r\n')}\r\n`;

const lineRange = (line: number, last = line): vscode.Range => new vscode.Range(line - 1, 0, last - 1, 1000);

function messageFor({ message, fix, code, line, endLine }: TestFinding, uri: vscode.Uri): vscode.TestMessage {
  const made = new vscode.TestMessage(`${sentences(message, fix)} [${code}]`);
  made.location = new vscode.Location(uri, lineRange(line, endLine));
  return made;
}

/** Tells how a step's test ended. */
function settle(run: vscode.TestRun, item: vscode.TestItem, { state, ms, findings }: TestedStep, uri: vscode.Uri): void {
  const wrong = findings.filter(({ note }) => !note);
  if (state === 'failed' || state === 'blocked') {
    run.failed(item, wrong.map((finding) => messageFor(finding, uri)), ms);
  } else if (state === 'nothing') {
    run.skipped(item);
  } else {
    findings.forEach((finding) => run.appendOutput(lines(sentences(finding.message, finding.fix)), new vscode.Location(uri, lineRange(finding.line)), item));
    run.passed(item, ms);
  }
}

const brokenText = (made: TestedBreak): string => [made.title, ...breakLines(made, (line) => `${line}:`).map((text) => `    ${text}`)].join('\n');
