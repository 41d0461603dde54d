import type * as vscode from 'vscode';
import type { ExportFormat, Kept, PanelKind, Picture, ToEditor } from '../../webviews/protocol.ts';

/** What a page has told of its last drawing. */
export type Drawn = Extract<ToEditor, { readonly type: 'drawn' }>;

/** A panel that is open, as others see it. */
export interface OpenPanel extends vscode.Disposable {
  readonly kind: PanelKind;
  /** True while somebody sees it. */
  readonly isVisible: boolean;
  /** What the page was last told to show. */
  readonly content: Picture | undefined;
  /** What the page has drawn last, if it has. */
  readonly drawn: Drawn | undefined;
  /** The page has drawn: what stands there now. */
  readonly onDidDraw: vscode.Event<Drawn>;
  readonly onDidDispose: vscode.Event<void>;
  /** Shows it, and another picture if `keep` names one. */
  reveal(keep: Kept): void;
  /** Clicks on a thing of the page, and on one of its actions; on the bar's, with an empty thing. */
  press(thing: string, action?: string): void;
  /** What is shown as a file's content. */
  contentAs(format: ExportFormat): Promise<Uint8Array>;
}

/** Makes a panel of a kind, or fills one that came back with its window. */
export type MakePanel = (kind: PanelKind, keep: Kept, webview?: vscode.WebviewPanel) => Promise<OpenPanel>;
