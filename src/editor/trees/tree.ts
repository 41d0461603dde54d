import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import type { Connection } from '../../aws/connection.ts';
import { AwsError, lacksGrant, permissionOf } from '../../aws/errors.ts';
import { UserError } from '../../errors.ts';
import type { CommandId } from '../commandIds.generated.ts';
import { toUserError } from '../userError.ts';

// What all trees share: paging, waiting, cancelling and errors. There is no VS Code here, so tests need no editor; the provider around it is thin.

/** A node of one of the trees. Its id is unique in its tree and the same every time, so that the editor keeps what is expanded and selected. */
export interface TreeNode {
  readonly id: string;
  readonly kind: string;
  readonly parent?: TreeNode;
}

/** How a node is presented, without VS Code's types. The provider makes a `vscode.TreeItem` of it. */
export interface TreeItemPresentation {
  readonly label: string;
  readonly description?: string;
  /** A product icon's name. */
  readonly icon: string;
  /** The id of a theme colour. The icon must say the same without it. */
  readonly color?: string;
  readonly expandable: boolean | 'expanded';
  /** The tree item's `contextValue`, which menus compare with `viewItem`. The default is the node's kind. */
  readonly context?: string;
  /** What a screen reader says instead of the description. */
  readonly spoken?: string;
  /** The tooltip, where it is known without a request. */
  readonly tooltip?: string;
  /** The command that a click on it or Enter calls with the node: what there is to open of it. The arrow beside it still expands it. */
  readonly opens?: CommandId;
}

/** The colour of warnings. `list.warningForeground` does not exist in high contrast themes. */
export const warningColor = 'problemsWarningIcon.foreground';

/** One page of a node's children, and how to read the next page. */
export interface Page<N> {
  readonly nodes: readonly N[];
  readonly more?: AwsCall<Page<N>>;
  /** The parent, or a node above it, if this page changed how it is presented. */
  readonly changed?: N;
}

export type AwsCall<T> = (aws: Connection) => Promise<T>;

/** Reads the nodes of one tree and presents them. It has no user interface. */
export interface TreeSource<N extends TreeNode> {
  /** Reads a node's children, or the roots. It takes one request, or two where AWS has no single one for it. */
  children(node: N | undefined, aws: Connection): Promise<Page<N>>;
  /** Reads what `children` gives, for a tree that shows nothing of AWS by itself: no connection is opened for it. */
  local?(node: N | undefined): Promise<Page<N>>;
  /** Children that are known without a request. Undefined for a node whose children must be read. */
  fixed?(node: N): readonly N[] | undefined;
  present(node: N): TreeItemPresentation;
  /** Reads the lines of a node's tooltip, when the tooltip opens. */
  facts?(node: N, aws: Connection): Promise<readonly string[]>;
}

/** An entry among a node's children that is no node of AWS: more to load, an error, or a request that is under way. */
export interface Placeholder extends TreeNode {
  readonly kind: 'more' | 'error' | 'waiting';
  readonly error?: UserError;
  /** AWS throttles the request. */
  readonly limited?: boolean;
}

/** The kind decides, not the id: the key of an object may end like the id of a placeholder. */
export const isPlaceholder = (node: TreeNode): node is Placeholder => node.kind === 'more' || node.kind === 'error' || node.kind === 'waiting';

interface Branch<N> {
  readonly node: N | undefined;
  nodes: N[];
  more?: AwsCall<Page<N>>;
  loaded: boolean;
  /** Set while a request is under way. */
  asking?: { readonly controller: AbortController; readonly settled: Promise<void>; shown: boolean; limited: boolean };
  failure?: { readonly error: UserError; shown: boolean };
}

export interface TreeModelOptions<N> {
  /** The tree's id. Placeholders among the roots have ids that begin with it. */
  readonly id: string;
  /** Makes a call with the current connection, and calls `onThrottled` each time that AWS throttles it. */
  readonly work: <T>(signal: AbortSignal, ask: AwsCall<T>, onThrottled: () => void) => Promise<T>;
  /** Called when a node and its children must be shown anew; undefined is the whole tree. */
  readonly changed: (node: N | undefined) => void;
  /** After so many milliseconds a level shows that it waits. */
  readonly patience?: number;
}

/**
 * The nodes of a tree as they are read, level by level. Collapsing a node cancels the requests below it, an error is shown once and
 * then forgotten, and a slow answer does not block the tree.
 */
export class TreeModel<N extends TreeNode> {
  private readonly branches = new Map<string, Branch<N>>();
  private readonly collapsed = new Set<string>();

  constructor(
    readonly source: TreeSource<N>,
    private readonly options: TreeModelOptions<N>,
  ) {}

  /** The entries to show below a node. It never rejects. */
  async children(node: N | undefined): Promise<readonly (N | Placeholder)[]> {
    const fixed = node && this.source.fixed?.(node);
    if (fixed) {
      return fixed;
    }
    const branch = this.branch(node);
    if (!branch.loaded && !branch.asking) {
      if (branch.failure && !branch.failure.shown) {
        return this.shown(branch);
      }
      branch.failure = undefined;
      this.ask(branch, (aws) => this.source.children(node, aws));
    }
    // A level that shows already that it waits does not wait a second time.
    if (branch.asking && !branch.loaded && !branch.asking.shown) {
      await Promise.race([branch.asking.settled, delay(this.options.patience ?? 1500, undefined, { ref: false })]);
    }
    return this.shown(branch);
  }

  /** Resolves when no request is under way for a node's children. */
  async settled(node: N | undefined): Promise<void> {
    await this.branches.get(node?.id ?? '')?.asking?.settled;
  }

  /** The children that were read so far. It makes no request. */
  known(node: N | undefined): readonly N[] {
    return (node && this.source.fixed?.(node)) ?? this.branches.get(node?.id ?? '')?.nodes ?? [];
  }

  /** True when a node's children were read and are on show. */
  isOpen(node: N | undefined): boolean {
    return !node || (!this.collapsed.has(node.id) && this.branches.get(node.id)?.loaded === true);
  }

  /** Reads the next page of a level. */
  async loadMore(node: N | undefined): Promise<void> {
    const branch = this.branch(node);
    const { more } = branch;
    if (more && !branch.asking) {
      branch.failure = undefined;
      const settled = this.ask(branch, more);
      await Promise.race([settled, delay(300, undefined, { ref: false })]);
      this.options.changed(node);
      await settled;
    }
  }

  /** Forgets what was read below a node, or everything, and shows it anew. */
  refresh(node?: N): void {
    for (const branch of this.below(node)) {
      branch.asking?.controller.abort();
      this.branches.delete(branch.node?.id ?? '');
    }
    this.options.changed(node);
  }

  /** Shows again what failed or was cancelled, keeping the pages that are there. */
  retry(node: N | undefined): void {
    const branch = this.branch(node);
    if (branch.loaded && branch.more) {
      void this.loadMore(node);
    } else {
      this.refresh(node);
    }
  }

  /** The user cancels the request for a node's children. The level then shows that. */
  cancel(node: N | undefined): void {
    this.branch(node).asking?.controller.abort(byUser);
  }

  /** A node was collapsed: cancels the requests below it. */
  collapse(node: N): void {
    this.collapsed.add(node.id);
    for (const branch of this.below(node)) {
      branch.asking?.controller.abort();
    }
  }

  /** A node was expanded: makes the requests again that its collapsing had cancelled. */
  expand(node: N): void {
    this.collapsed.delete(node.id);
    const branch = this.branches.get(node.id);
    if (branch && !branch.loaded && !branch.asking && !branch.failure) {
      this.options.changed(node);
    }
  }

  /** Shows a node again without a request, after it was changed in place. */
  redraw(node: N | undefined): void {
    this.options.changed(node);
  }

  /** Replaces the children of a node by children that somebody else has read. */
  replace(node: N, nodes: readonly N[]): void {
    const branch = this.branches.get(node.id);
    if (branch?.loaded) {
      branch.nodes = [...nodes];
    }
    this.options.changed(node);
  }

  /**
   * Goes down to a node by the ids on its path, reading what is needed.
   *
   * @returns the node, or the deepest that is there on the way to it.
   */
  async find(path: readonly string[], pages = 10): Promise<N | undefined> {
    let found: N | undefined;
    for (const id of path) {
      const next = await this.child(found, id, pages);
      if (!next) {
        break;
      }
      found = next;
    }
    return found;
  }

  dispose(): void {
    for (const branch of this.branches.values()) {
      branch.asking?.controller.abort();
    }
    this.branches.clear();
  }

  private async child(node: N | undefined, id: string, pages: number): Promise<N | undefined> {
    let again = 5;
    await this.children(node);
    for (let page = 1; ; page++) {
      await this.settled(node);
      const branch = this.branches.get(node?.id ?? '');
      if (!branch?.loaded && !branch?.failure && !(node && this.source.fixed?.(node)) && again-- > 0) {
        // Something else had the tree read anew meanwhile.
        await this.children(node);
        continue;
      }
      // A path leaves groups out: their children count as the parent's.
      const found = this.known(node).flatMap((each) => [each, ...(this.source.fixed?.(each) ?? [])]).find((each) => each.id === id);
      if (found || !branch?.more || branch.failure || page >= pages) {
        return found;
      }
      await this.loadMore(node);
    }
  }

  private branch(node: N | undefined): Branch<N> {
    const id = node?.id ?? '';
    let branch = this.branches.get(id);
    if (!branch) {
      branch = { node, nodes: [], loaded: false };
      this.branches.set(id, branch);
    }
    return branch;
  }

  private below(node: N | undefined): Branch<N>[] {
    const within = (other: TreeNode | undefined): boolean => other?.id === node?.id || (other?.parent !== undefined && within(other.parent));
    return [...this.branches.values()].filter((branch) => !node || within(branch.node));
  }

  private ask(branch: Branch<N>, ask: AwsCall<Page<N>>): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const run = async (): Promise<void> => {
      let page: Page<N> | undefined;
      let failure: Branch<N>['failure'];
      try {
        page = this.source.local ? await this.source.local(branch.node) : await this.options.work(signal, ask, () => this.slowed(branch, asking));
      } catch (error) {
        if (!signal.aborted || signal.reason === byUser) {
          failure = { error: toUserError(signal.aborted ? cancelledByUser() : error), shown: false };
        }
      }
      const { shown } = asking;
      if (branch.asking === asking) {
        branch.asking = undefined;
      }
      if (this.branches.get(branch.node?.id ?? '') !== branch || (signal.aborted && !failure)) {
        return;
      }
      branch.failure = failure;
      if (page) {
        branch.nodes = branch.loaded ? [...branch.nodes, ...page.nodes] : [...page.nodes];
        branch.more = page.more;
        branch.loaded = true;
      }
      if (shown || page?.changed) {
        this.options.changed(page?.changed ?? branch.node);
      }
    };
    const asking: NonNullable<Branch<N>['asking']> = { controller, settled: Promise.resolve().then(run), shown: false, limited: false };
    branch.asking = asking;
    return asking.settled;
  }

  /** AWS throttles the request: a level that shows that it waits shows why. */
  private slowed(branch: Branch<N>, asking: NonNullable<Branch<N>['asking']>): void {
    const first = !asking.limited;
    asking.limited = true;
    if (first && asking.shown && branch.asking === asking && !asking.controller.signal.aborted) {
      this.options.changed(branch.node);
    }
  }

  private shown(branch: Branch<N>): readonly (N | Placeholder)[] {
    const { node, nodes, loaded, asking, failure, more } = branch;
    const placeholder = (kind: Placeholder['kind'], about: Pick<Placeholder, 'error' | 'limited'> = {}): Placeholder => ({ id: `${node?.id ?? this.options.id}#${kind}`, kind, ...(node && { parent: node }), ...about });
    if (asking) {
      asking.shown = true;
      return [...nodes, placeholder('waiting', { limited: asking.limited })];
    }
    if (failure) {
      failure.shown = true;
      return [...nodes, placeholder('error', { error: failure.error })];
    }
    if (!loaded) {
      // The node was collapsed while the request was under way.
      return [placeholder('waiting')];
    }
    return more ? [...nodes, placeholder('more')] : nodes;
  }
}

const byUser = new DOMException('Cancelled by the user.', 'AbortError');

const cancelledByUser = (): UserError => new UserError('cancelled', l10n.t('Cancelled.'));

/** How a placeholder is presented. */
export function presentPlaceholder({ kind, error, limited }: Placeholder): TreeItemPresentation {
  switch (kind) {
    case 'more':
      return { label: l10n.t('Load more…'), icon: 'ellipsis', expandable: false };
    case 'waiting':
      return { label: limited ? l10n.t('AWS limits how fast it may be asked: waiting…') : l10n.t('Waiting for an answer…'), icon: 'loading~spin', expandable: false };
    case 'error':
      return { label: inShort(error), description: l10n.t('click to try again'), icon: error?.code === 'cancelled' ? 'circle-slash' : 'error', color: error?.code === 'cancelled' ? 'disabledForeground' : 'errorForeground', expandable: false };
  }
}

/** An error in a few words, for a narrow sidebar; the tooltip has the sentences. A missing grant of Lake Formation is not reported as a missing IAM permission. */
function inShort(error: UserError | undefined): string {
  return error?.code === 'aws.denied' && AwsError.is(error.cause) && !lacksGrant(error.cause) ? l10n.t('Not allowed: {0}', permissionOf(error.cause.call)) : (error?.what ?? '');
}
