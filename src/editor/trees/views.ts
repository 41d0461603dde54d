import * as vscode from 'vscode';
import { trees, viewId, type TreeId } from '../ids.ts';
import type { TreeController, TreeServices } from './controller.ts';
import type { TreeNode } from './tree.ts';

/** The sidebar's trees. Their code is loaded when one of them is first opened. */
export class Sidebar implements vscode.Disposable {
  private readonly views: ReadonlyMap<TreeId, LazyTree>;

  constructor(services: TreeServices) {
    this.views = new Map(trees.map(({ id }) => [id, new LazyTree(id, services)]));
  }

  /** True while a tree is on show. */
  isVisible(id: TreeId): boolean {
    return this.lazy(id).view.visible;
  }

  /** Says something beside the name of a tree. */
  say(id: TreeId, words: string | undefined): void {
    this.lazy(id).view.description = words;
  }

  /** Calls back when a tree comes into view. */
  onShown(id: TreeId, shown: () => void): vscode.Disposable {
    return this.lazy(id).view.onDidChangeVisibility(({ visible }) => visible && shown());
  }

  /** Calls back when the first tree comes into view, and when the last one leaves it. */
  onAnyShown(shown: (any: boolean) => void): vscode.Disposable {
    const all = [...this.views.values()].map(({ view }) => view);
    let before = false;
    return vscode.Disposable.from(...all.map((each) => each.onDidChangeVisibility(() => {
      const any = all.some(({ visible }) => visible);
      if (any !== before) {
        shown((before = any));
      }
    })));
  }

  dispose(): void {
    for (const view of this.views.values()) {
      view.dispose();
    }
  }

  /** One of the trees, loaded. */
  tree(id: TreeId): Promise<TreeController> {
    return this.lazy(id).load();
  }

  /**
   * The node that has the focus in a tree, for a key that was pressed there. It becomes the one that is selected.
   *
   * Arrow keys move the focus alone, and of that the editor tells us nothing: what toggling the focused node's selection changes is it.
   */
  async focused(id: TreeId): Promise<TreeNode | undefined> {
    const { view } = this.lazy(id);
    const before = view.selection;
    await vscode.commands.executeCommand('list.toggleSelection');
    const after = view.selection;
    const node = after.find((each) => !before.includes(each)) ?? before.find((each) => !after.includes(each));
    if (node) {
      await view.reveal(node, { select: true, focus: true });
    }
    return node ?? before[0];
  }

  /** Reads the account again, for all trees or one of them. A tree that nobody has opened reads nothing. */
  refresh(only?: TreeId): void {
    for (const view of only ? [this.lazy(only)] : this.views.values()) {
      view.refresh();
    }
  }

  /** Reads again the trees that are on show, if what they show is older than so many milliseconds: others change the account too. */
  refreshStale(age: number): void {
    for (const view of this.views.values()) {
      view.refreshStale(age);
    }
  }

  private lazy(id: TreeId): LazyTree {
    return this.views.get(id) as LazyTree;
  }
}

class LazyTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<TreeNode | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  readonly view: vscode.TreeView<TreeNode>;
  private loading: Promise<TreeController> | undefined;
  private loaded: TreeController | undefined;
  private readAt = Date.now();

  constructor(
    private readonly id: TreeId,
    private readonly services: TreeServices,
  ) {
    this.view = vscode.window.createTreeView(viewId(id), { treeDataProvider: this, showCollapseAll: true });
  }

  load(): Promise<TreeController> {
    this.loading ??= import('./controller.ts').then(({ createTree }) => (this.loaded = createTree(this.id, this.view, (node) => this.changed.fire(node), this.services)));
    return this.loading;
  }

  refresh(): void {
    this.readAt = Date.now();
    this.loaded?.refresh();
  }

  refreshStale(age: number): void {
    // The steps are the model's, which tells itself when they are others.
    if (this.id !== 'steps' && this.view.visible && this.loaded && Date.now() - this.readAt >= age) {
      this.refresh();
    }
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    return [...(await (await this.load()).children(node))];
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    return this.loaded?.item(node) ?? { id: node.id };
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.parent;
  }

  async resolveTreeItem(item: vscode.TreeItem, node: TreeNode, token: vscode.CancellationToken): Promise<vscode.TreeItem> {
    return (await this.load()).resolve(item, node, token);
  }

  dispose(): void {
    this.loaded?.dispose();
    this.view.dispose();
    this.changed.dispose();
  }
}
