import * as vscode from 'vscode';
import { isKept, panelKinds, type Kept, type PanelKind } from '../../webviews/protocol.ts';
import { panelType } from '../ids.ts';
import type { MakePanel, OpenPanel } from './openPanel.ts';

/**
 * The panels that show pictures, one of a kind. Nothing of them is loaded before one opens: here is only what opens them, and what a window
 * that is opened again asks for.
 */
export class Panels implements vscode.Disposable {
  private readonly panels = new Map<PanelKind, OpenPanel>();
  private readonly opening = new Map<PanelKind, Promise<OpenPanel>>();
  private readonly opened = new vscode.EventEmitter<OpenPanel>();
  /** A panel was opened, or came back with its window. */
  readonly onDidOpen = this.opened.event;
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(private readonly make: MakePanel) {
    this.subscriptions = [this.opened, ...panelKinds.map((kind) => vscode.window.registerWebviewPanelSerializer(panelType(kind), {
      deserializeWebviewPanel: async (webview, state: unknown) => {
        const { keep } = (state ?? {}) as { readonly keep?: unknown };
        await this.fill(kind, isKept(keep) ? keep : {}, webview);
      },
    }))];
  }

  /** Opens the panel of a kind, or shows the one that is open, with another picture if `keep` names one. */
  open(kind: PanelKind, keep: Kept = {}): Promise<OpenPanel> {
    return this.fill(kind, keep);
  }

  /** The panel of a kind, if it is open. */
  get(kind: PanelKind): OpenPanel | undefined {
    return this.panels.get(kind);
  }

  /** True while somebody sees it. */
  isVisible(kind: PanelKind): boolean {
    return this.panels.get(kind)?.isVisible ?? false;
  }

  dispose(): void {
    [...this.panels.values()].forEach((panel) => panel.dispose());
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private async fill(kind: PanelKind, keep: Kept, webview?: vscode.WebviewPanel): Promise<OpenPanel> {
    // One after the other: there is one of a kind.
    const before = this.opening.get(kind)?.catch(() => undefined);
    const filling = Promise.resolve(before).then(async () => {
      const open = this.panels.get(kind);
      if (open) {
        webview?.dispose();
        open.reveal(keep);
        return open;
      }
      const panel = await this.make(kind, keep, webview);
      this.panels.set(kind, panel);
      panel.onDidDispose(() => this.panels.delete(kind));
      this.opened.fire(panel);
      return panel;
    });
    this.opening.set(kind, filling);
    return filling;
  }
}
