import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError, messageOf } from '../errors.ts';
import type { Tutorial } from '../tutorial/model.ts';
import { settings } from './ids.ts';
import { language } from './settings.ts';

/** So long nobody types before a tutorial that is being written is read again. */
const pauseMs = 300;

/** Whose word made a tutorial the active one. */
export type ChosenBy = 'setting' | 'alone' | 'nobody';

interface Choice {
  /** None for the built-in tutorial. */
  readonly uri?: vscode.Uri;
  readonly by: ChosenBy;
}

/**
 * The tutorial that everything works on: the one that a setting names, else the only lake tutorial of the workspace, else the one that ships with us.
 *
 * Nothing is read before somebody asks. What is typed counts before it is saved.
 */
export class ActiveTutorial implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Another tutorial is the active one, or its text is another. */
  readonly onDidChange = this.changed.event;
  private readonly wasRead = new vscode.EventEmitter<void>();
  /** Its text was read: its name is known. */
  readonly onDidLoad = this.wasRead.event;
  private choice: Promise<Choice> | undefined;
  private chosen: Choice | undefined;
  private loading: Promise<Tutorial> | undefined;
  private loaded: Tutorial | undefined;
  private watcher: vscode.Disposable | undefined;
  private timer: NodeJS.Timeout | undefined;
  private reconsidering: NodeJS.Timeout | undefined;
  private readonly subscriptions: vscode.Disposable;

  constructor() {
    const again = (): void => this.choose();
    this.subscriptions = vscode.Disposable.from(
      this.changed,
      this.wasRead,
      vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(settings.tutorial) && again()),
      vscode.workspace.onDidChangeWorkspaceFolders(again),
      vscode.workspace.onDidSaveTextDocument(({ uri }) => isMarkdown(uri) && !this.is(uri) && this.reconsider()),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && this.is(document.uri) && this.reread(pauseMs)),
      // What was typed and not saved is gone.
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.is(uri) && this.reread(0)),
    );
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.reconsidering);
    this.watcher?.dispose();
    this.subscriptions.dispose();
  }

  /** The file of the active tutorial; undefined for the built-in one. */
  async uri(): Promise<vscode.Uri | undefined> {
    return (await this.decide()).uri;
  }

  /** The same as far as it is known without looking for it. */
  get knownUri(): vscode.Uri | undefined {
    return this.chosen?.uri;
  }

  /** True once it is known that the built-in tutorial is the active one. */
  get isBuiltIn(): boolean {
    return this.chosen !== undefined && this.chosen.uri === undefined;
  }

  /** Names the tutorial, so that states of one are not taken for another's; the built-in one's is empty. Undefined until it is known which one it is. */
  get key(): string | undefined {
    return this.chosen && (this.chosen.uri?.toString() ?? '');
  }

  /** What people call it, as far as it was read. */
  get name(): string | undefined {
    return this.loaded?.title || this.chosen?.uri?.path.split('/').pop();
  }

  is(uri: vscode.Uri): boolean {
    return this.chosen?.uri?.toString() === uri.toString();
  }

  /**
   * The tutorial as its text is now.
   *
   * @throws UserError `tutorial.unreadable`, `tutorial.broken`.
   */
  load(): Promise<Tutorial> {
    if (!this.loading) {
      const loading = this.read();
      this.loading = loading;
      loading.then(
        (tutorial) => {
          if (this.loading === loading) {
            this.loaded = tutorial;
            this.wasRead.fire();
          }
        },
        // The next one who asks may have more luck.
        () => this.loading === loading && (this.loading = undefined),
      );
    }
    return this.loading;
  }

  /** Makes a file the active tutorial, or with undefined the built-in one: in the workspace's settings where there is a workspace, else in the user's. */
  async use(uri: vscode.Uri | undefined): Promise<void> {
    const inWorkspace = vscode.workspace.workspaceFile !== undefined || vscode.workspace.workspaceFolders !== undefined;
    const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
    // Empty, not absent: without a word of the user's the only tutorial of the workspace would be the active one.
    await vscode.workspace.getConfiguration().update(settings.tutorial, uri ? nameOf(uri) : '', target);
    if ((await this.uri())?.toString() !== uri?.toString()) {
      this.choose();
    }
  }

  private decide(): Promise<Choice> {
    if (!this.choice) {
      const choice = choose();
      this.choice = choice;
      void choice.then((chosen) => {
        if (this.choice === choice) {
          this.chosen = chosen;
          this.watch(chosen);
        }
      });
    }
    return this.choice;
  }

  /** Another one may be the active tutorial now. */
  private choose(): void {
    const before = this.key;
    this.choice = undefined;
    this.loading = undefined;
    void this.decide().then(() => this.key !== before && this.reread(0));
  }

  /** Files have come or gone, or say something else: that matters where nobody has chosen one, and somebody has asked already. */
  private reconsider(): void {
    if (this.chosen && this.chosen.by !== 'setting') {
      clearTimeout(this.reconsidering);
      this.reconsidering = setTimeout(() => this.choose(), pauseMs);
    }
  }

  private reread(ms: number): void {
    // Whoever asks meanwhile reads it as it is now.
    this.loading = undefined;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.changed.fire(), ms);
  }

  private watch({ uri, by }: Choice): void {
    this.watcher?.dispose();
    const watchers: vscode.Disposable[] = [];
    if (uri) {
      // A file's name may hold signs that a pattern gives a meaning to.
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*'));
      const seen = (which: vscode.Uri): void => void (which.toString() === uri.toString() && this.reread(pauseMs));
      watchers.push(watcher, watcher.onDidChange(seen), watcher.onDidCreate(seen), watcher.onDidDelete(seen));
    }
    if (by !== 'setting' && vscode.workspace.workspaceFolders) {
      const watcher = vscode.workspace.createFileSystemWatcher('**/*.md', false, true, false);
      watchers.push(watcher, watcher.onDidCreate(() => this.reconsider()), watcher.onDidDelete(() => this.reconsider()));
    }
    this.watcher = vscode.Disposable.from(...watchers);
  }

  private async read(): Promise<Tutorial> {
    const uri = await this.uri();
    if (uri) {
      const [{ checkedTutorial }, text] = await Promise.all([import('../tutorial/checked.ts'), textOf(uri)]);
      return checkedTutorial(text, vscode.workspace.asRelativePath(uri));
    }
    return (await import('../shell.ts')).loadTutorial({ language: language() });
  }
}

const isMarkdown = ({ path }: vscode.Uri): boolean => /\.(md|markdown)$/i.test(path);

async function choose(): Promise<Choice> {
  const configuration = vscode.workspace.getConfiguration();
  const { globalValue, workspaceValue, workspaceFolderValue } = configuration.inspect<string>(settings.tutorial) ?? {};
  if ([globalValue, workspaceValue, workspaceFolderValue].every((value) => value === undefined)) {
    const { soleTutorial } = await import('./tutorials/sole.ts');
    const uri = await soleTutorial();
    return uri ? { uri, by: 'alone' } : { by: 'nobody' };
  }
  const path = configuration.get<string>(settings.tutorial)?.trim();
  return path ? { uri: await locate(path), by: 'setting' } : { by: 'setting' };
}

/** A path as people write it in a setting: absolute, from home, or from a folder of the workspace. */
async function locate(path: string): Promise<vscode.Uri> {
  if (/^[a-z][\w+.-]+:\/\//i.test(path)) {
    return vscode.Uri.parse(path, true);
  }
  if (isAbsolute(path)) {
    return vscode.Uri.file(path);
  }
  if (/^~[\\/]/.test(path)) {
    return vscode.Uri.joinPath(vscode.Uri.file(homedir()), path.slice(2));
  }
  const places = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => vscode.Uri.joinPath(uri, path));
  for (const place of places.slice(0, -1)) {
    if (await vscode.workspace.fs.stat(place).then(() => true, () => false)) {
      return place;
    }
  }
  // Where there is none, it is said of a path that one can look at.
  return places.at(-1) ?? vscode.Uri.joinPath(vscode.Uri.file(homedir()), path);
}

/** How a setting names a file: from its folder, so that it means the same on another machine. */
function nameOf(uri: vscode.Uri): string {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  if (folder) {
    return uri.path.slice(folder.uri.path.length).replace(/^\//, '');
  }
  return uri.scheme === 'file' ? uri.fsPath : uri.toString();
}

async function textOf(uri: vscode.Uri): Promise<string> {
  // A text that is not dirty is the file's, and stays among the documents for a while after the file is gone.
  const typed = vscode.workspace.textDocuments.find((document) => document.isDirty && document.uri.toString() === uri.toString());
  if (typed) {
    return typed.getText();
  }
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch (error) {
    throw new UserError('tutorial.unreadable', l10n.t('The tutorial {0} cannot be read.', uri.fsPath), {
      why: messageOf(error), next: l10n.t('Check the setting lakeTutorial.tutorial, or use the built-in tutorial.'), cause: error,
    });
  }
}
