import { homedir } from 'node:os';
import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError } from '../../errors.ts';
import { isToEditor, type ExportFormat, type Kept, type PanelKind, type Picture, type ToEditor, type ToPage } from '../../webviews/protocol.ts';
import { showFailure } from '../failures.ts';
import { panelType } from '../ids.ts';
import { Recheck } from '../recheck.ts';
import type { Services } from '../services.ts';
import { pageFolder, pageHtml } from './page.ts';
import type { Drawn, OpenPanel } from './openPanel.ts';
import type { PanelSource } from './source.ts';
import { makeSource } from './sources.ts';

interface PanelOptions {
  readonly kind: PanelKind;
  readonly source: PanelSource;
  readonly keep: Kept;
  readonly extensionUri: vscode.Uri;
  readonly services: Services;
  /** One that came back with its window. */
  readonly webview?: vscode.WebviewPanel;
}

/** A PNG is this many times as large as the picture on the page: slides are looked at from near. */
const rasterScale = 2;

/** A panel: the page, and the one who fills it. A page that nobody sees is not there, so it is asked nothing and told nothing. */
class Panel implements OpenPanel {
  readonly kind: PanelKind;
  private readonly panel: vscode.WebviewPanel;
  private readonly drew = new vscode.EventEmitter<Drawn>();
  readonly onDidDraw = this.drew.event;
  readonly onDidDispose: vscode.Event<void>;
  private readonly subscriptions: vscode.Disposable[];
  private readonly updates = new Recheck(() => this.update());
  private readonly rasters = new Map<number, (raster: Extract<ToEditor, { readonly type: 'raster' }>) => void>();
  private ready = false;
  private seen = false;
  private revision = 0;
  private shown: string | undefined;
  private picture: Picture | undefined;
  private last: Drawn | undefined;

  constructor(private readonly options: PanelOptions) {
    const { kind, source, keep, extensionUri } = options;
    this.kind = kind;
    const webviewOptions = { enableScripts: true, localResourceRoots: [pageFolder(extensionUri)] };
    this.panel = options.webview ?? vscode.window.createWebviewPanel(panelType(kind), source.title, vscode.ViewColumn.Active, { ...webviewOptions, enableFindWidget: true });
    this.panel.webview.options = webviewOptions;
    this.panel.title = source.title;
    this.onDidDispose = this.panel.onDidDispose;
    this.subscriptions = [
      this.drew,
      source,
      this.panel.webview.onDidReceiveMessage((message: unknown) => this.receive(message)),
      this.panel.onDidChangeViewState(() => this.follow()),
      source.onDidChange(() => this.seen && this.updates.check()),
      this.panel.onDidDispose(() => this.end()),
    ];
    source.find(keep);
    this.panel.webview.html = pageHtml(this.panel.webview, extensionUri, source.title, source.grid ? 'grid' : 'main');
    this.follow();
  }

  get isVisible(): boolean {
    return this.seen;
  }

  get drawn(): Drawn | undefined {
    return this.last;
  }

  get content(): Picture | undefined {
    return this.picture;
  }

  reveal(keep: Kept): void {
    this.options.source.find(keep);
    this.panel.reveal();
  }

  dispose(): void {
    this.panel.dispose();
  }

  press(thing: string, action?: string): void {
    this.post({ type: 'press', thing, ...(action !== undefined && { action }) });
  }

  async contentAs(format: ExportFormat): Promise<Uint8Array> {
    return (await this.fileAs(format)).content;
  }

  private async fileAs(format: ExportFormat): Promise<{ readonly name: string; readonly content: Uint8Array }> {
    const { source } = this.options;
    if (format !== 'svg' && format !== 'png') {
      const { name, text } = (await source.text?.(format)) ?? { name: this.kind, text: '' };
      return { name, content: new TextEncoder().encode(text) };
    }
    const { name, svg } = await source.file();
    return { name, content: format === 'svg' ? new TextEncoder().encode(svg) : await this.rasterise(svg) };
  }

  private follow(): void {
    const { visible } = this.panel;
    if (visible !== this.seen) {
      this.seen = visible;
      // A page that is not seen is given up by the editor; it says again that it is ready.
      this.ready &&= visible;
      // What stood there is there no longer: who waits for a drawing waits for the next one.
      this.last = visible ? this.last : undefined;
      this.options.source.show(visible);
    }
  }

  private end(): void {
    this.seen = false;
    this.options.source.show(false);
    this.updates.dispose();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private receive(message: unknown): void {
    if (!isToEditor(message)) {
      this.options.services.log.warn(`${this.kind}: the page said something that is not understood`);
      return;
    }
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.shown = undefined;
        this.updates.check();
        break;
      case 'drawn':
        this.last = message;
        this.drew.fire(message);
        break;
      case 'act':
        this.act(message.thing, message.action);
        break;
      case 'choose':
        this.options.source.choose?.(message.value);
        break;
      case 'export':
        this.attempt(() => this.save(message.format));
        break;
      case 'rows': {
        const rows = this.options.source.grid?.rows(message.grid, message.from, message.to);
        if (rows) {
          this.post({ type: 'rows', grid: message.grid, from: message.from, rows });
        }
        break;
      }
      case 'more':
        this.options.source.grid?.more();
        break;
      case 'look':
        this.options.source.grid?.look(message.sort, message.filter);
        break;
      case 'copy':
        this.attempt(() => this.options.source.grid?.copy(message.grid, message) ?? Promise.resolve());
        break;
      case 'raster':
        this.rasters.get(message.id)?.(message);
        break;
    }
  }

  /** Only what the picture offers is done: a page cannot name anything else. */
  private act(thing: string, action: string): void {
    const offered = thing === '' ? this.picture?.actions : this.picture?.things[thing]?.actions;
    if (offered?.some(({ id }) => id === action)) {
      this.attempt(() => this.options.source.act(thing, action));
    } else {
      this.options.services.log.warn(`${this.kind}: nothing offers "${action}" for "${thing}"`);
    }
  }

  private attempt(run: () => Promise<unknown>): void {
    run().catch((error: unknown) => showFailure(this.options.services, this.kind, error));
  }

  private post(message: ToPage): void {
    void this.panel.webview.postMessage(message);
  }

  private async update(): Promise<void> {
    if (!this.ready || !this.seen) {
      return;
    }
    try {
      const picture = await this.options.source.picture();
      const text = JSON.stringify(picture);
      if (this.ready && this.seen && text !== this.shown) {
        this.shown = text;
        this.picture = picture;
        this.panel.title = picture.title;
        this.post({ type: 'show', revision: ++this.revision, picture });
      }
    } catch (error) {
      showFailure(this.options.services, this.kind, error);
    }
  }

  private async rasterise(svg: string): Promise<Uint8Array> {
    const id = ++this.revision;
    try {
      const { png, problem } = await new Promise<Extract<ToEditor, { readonly type: 'raster' }>>((resolve, reject) => {
        this.rasters.set(id, resolve);
        this.panel.onDidDispose(() => reject(new DOMException('The panel was closed.', 'AbortError')));
        this.post({ type: 'rasterise', id, svg, scale: rasterScale });
      });
      if (png === undefined) {
        throw new UserError('panel.raster', l10n.t('The picture could not be made a PNG.'), { ...(problem !== undefined && { why: problem }), next: l10n.t('Save it as SVG.') });
      }
      return Buffer.from(png, 'base64');
    } finally {
      this.rasters.delete(id);
    }
  }

  private async save(format: ExportFormat): Promise<void> {
    const { name, content } = await this.fileAs(format);
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
    const target = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.joinPath(folder, `${name}.${format}`), filters: { [format === 'md' ? 'Markdown' : format.toUpperCase()]: [format] } });
    if (target) {
      await vscode.workspace.fs.writeFile(target, content);
      const open = l10n.t('Open');
      void vscode.window.showInformationMessage(l10n.t('Saved: {0}', vscode.workspace.asRelativePath(target)), open).then((chosen) => chosen === open && vscode.commands.executeCommand('vscode.open', target));
    }
  }
}

/** Makes a panel of a kind, or fills one that came back with its window. */
export const openPanel = (services: Services, extensionUri: vscode.Uri, kind: PanelKind, keep: Kept, webview?: vscode.WebviewPanel): OpenPanel =>
  new Panel({ kind, source: makeSource(kind, services), keep, extensionUri, services, ...(webview && { webview }) });
