import * as vscode from 'vscode';
import { documentScheme } from '../ids.ts';
import type { Services } from '../services.ts';
import { showState, stepStates } from '../stepState.ts';
import type { OpenTutorials } from './openTutorials.ts';
import { addBadges, type Badge, type MarkdownIt } from './previewPlugin.ts';
import { isTutorial, onDidTreat } from './recognise.ts';
import type { Lens } from './stepLenses.ts';
import { stepOfWhy } from './whyDocuments.ts';

/** The context key with the paths of lake tutorials in front that are not the active one. */
const otherTutorialsKey = 'lakeTutorial.otherTutorials';

export interface StepMarks extends vscode.Disposable {
  /** True while the states of steps are shown in an editor. */
  areShown(): boolean;
  readonly extendMarkdownIt: (markdown: MarkdownIt) => MarkdownIt;
}

/**
 * The states of steps where their text is: lenses above the headings, icons beside them, and badges in the preview.
 *
 * Nothing of it is loaded before a lake tutorial is open, and other Markdown costs a look at its first line.
 */
export function registerStepMarks({ tutorial, steps, log }: Services, extensionUri: vscode.Uri): StepMarks {
  const lensesChanged = new vscode.EventEmitter<void>();
  const parser = once(async () => new (await import('./openTutorials.ts')).OpenTutorials());
  const isOne = (document: vscode.TextDocument): boolean => document.uri.scheme !== documentScheme && isTutorial(document);
  let loaded: OpenTutorials | undefined;
  const read = async (document: vscode.TextDocument) => (loaded = await parser()).read(document);

  const lensesOf = async (document: vscode.TextDocument): Promise<readonly Lens[]> => {
    const why = stepOfWhy(document.uri);
    if (why === undefined && !isOne(document)) {
      return [];
    }
    const { stepLenses, whyLenses } = await import('./stepLenses.ts');
    if (why !== undefined) {
      return whyLenses(await tutorial.load(), why);
    }
    await tutorial.uri();
    return stepLenses(await read(document), { states: tutorial.is(document.uri) ? steps.states() : undefined, trusted: vscode.workspace.isTrusted, uri: document.uri.toString() });
  };

  const icons = once(() => new Map(stepStates.map((state) => {
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, 'media', 'states', `${state}.${theme}.svg`);
    return [state, vscode.window.createTextEditorDecorationType({ light: { gutterIconPath: icon('light') }, dark: { gutterIconPath: icon('dark') }, gutterIconSize: '80%' })] as const;
  })));
  let decorated = false;
  const decorate = async (editor: vscode.TextEditor): Promise<void> => {
    const { document } = editor;
    if (!isOne(document)) {
      return;
    }
    await tutorial.uri();
    if (!tutorial.is(document.uri) && !decorated) {
      return;
    }
    const all = tutorial.is(document.uri) ? (await read(document)).steps : [];
    const states = steps.states();
    decorated = true;
    for (const [state, type] of icons()) {
      const lines = all.filter(({ id }) => states[id] === state).map(({ headingRange, declarationRange = headingRange }) => {
        // VS Code has one mark a line, and beside the heading is the Test Explorer's, whose tests are found at the cursor by where they begin.
        const line = declarationRange.start.line - 1;
        return new vscode.Range(line, 0, line, 0);
      });
      editor.setDecorations(type, lines);
    }
  };

  const areShown = (): boolean => vscode.window.visibleTextEditors.some(({ document }) => tutorial.is(document.uri));

  let rendered = false;
  const badgesOf = (document: string): ReadonlyMap<number, Badge> | undefined => {
    if (tutorial.knownUri?.toString() !== document) {
      return undefined;
    }
    rendered = true;
    const open = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === document);
    if (!open || !loaded) {
      void parser().then((parsed) => {
        loaded = parsed;
        return open && refreshPreview();
      });
      return undefined;
    }
    const states = steps.states();
    return new Map(loaded.read(open).steps.flatMap(({ id, headingRange }): [number, Badge][] => {
      const state = states[id];
      return state ? [[headingRange.start.line - 1, { state, ...showState(state) }]] : [];
    }));
  };
  const refreshPreview = async (): Promise<void> => {
    const isOpen = vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('markdown.preview')));
    if (rendered && isOpen) {
      await vscode.commands.executeCommand('markdown.preview.refresh');
    }
  };

  const failed = (error: unknown): void => log.debug(`steps not marked: ${String(error)}`);
  let told = '';
  const tellMenus = async (): Promise<void> => {
    const shown = vscode.window.visibleTextEditors.map(({ document }) => document).filter(isOne);
    if (shown.length > 0) {
      await tutorial.uri();
    }
    const others = shown.filter(({ uri }) => !tutorial.is(uri)).map(({ uri }) => uri.fsPath).sort();
    if (told !== others.join('\n')) {
      told = others.join('\n');
      await vscode.commands.executeCommand('setContext', otherTutorialsKey, others);
    }
  };
  const mark = (): void => {
    vscode.window.visibleTextEditors.forEach((editor) => void decorate(editor).catch(failed));
    void tellMenus().catch(failed);
  };
  /** An active tutorial came into view, or the states in it are others. */
  const show = (): void => {
    lensesChanged.fire();
    mark();
    void refreshPreview().catch(failed);
  };
  let shown = '';
  const showStates = (): void => {
    // A look that finds what there was before redraws nothing.
    const states = JSON.stringify(steps.states());
    if (shown !== states) {
      shown = states;
      show();
    }
  };
  const lookIfShown = (): void => {
    mark();
    if (areShown() && Object.keys(steps.states()).length === 0 && !steps.isLooking && steps.age > 60_000) {
      steps.check();
    }
  };
  mark();

  return Object.assign(vscode.Disposable.from(
    lensesChanged,
    { dispose: () => icons.made && icons().forEach((type) => type.dispose()) },
    vscode.languages.registerCodeLensProvider({ language: 'markdown' }, {
      onDidChangeCodeLenses: lensesChanged.event,
      provideCodeLenses: async (document) => (await lensesOf(document)).map(({ line, title, command, arguments: values }) => new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command, arguments: [...values] })),
    }),
    steps.onDidChange(showStates),
    tutorial.onDidChange(() => {
      show();
      lookIfShown();
    }),
    onDidTreat(show),
    vscode.window.onDidChangeVisibleTextEditors(lookIfShown),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (isOne(document)) {
        mark();
      }
    }),
    vscode.workspace.onDidCloseTextDocument((document) => loaded?.forget(document)),
    vscode.workspace.onDidGrantWorkspaceTrust(show),
  ), { areShown, extendMarkdownIt: (markdown: MarkdownIt) => addBadges(markdown, badgesOf) });
}

/** Makes something when it is first asked for. */
function once<T>(make: () => T): (() => T) & { readonly made: boolean } {
  let value: { readonly made: T } | undefined;
  const get = (): T => (value ??= { made: make() }).made;
  return Object.defineProperty(get, 'made', { get: () => value !== undefined }) as typeof get & { readonly made: boolean };
}
