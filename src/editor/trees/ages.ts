import type { TreeNode } from './tree.ts';

export interface AgesOptions {
  /** What stands beside a node's name, as it is to be now. */
  readonly describe: (node: TreeNode) => string | undefined;
  readonly redraw: (node: TreeNode | undefined) => void;
  readonly isVisible: () => boolean;
  /** Milliseconds between two looks at the clock. */
  readonly every?: number;
}

/** Where so many nodes are to be redrawn, the whole tree is. */
const manyNodes = 50;

/** Keeps true what the nodes say of ages ("3 minutes ago"): while the tree is visible, those whose words are others by now are drawn again. It makes no request. */
export class Ages {
  private readonly nodes = new Map<string, { readonly node: TreeNode; readonly description: string | undefined }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: AgesOptions) {}

  /** Told of each node that is drawn, and what was said of it. */
  shown(node: TreeNode, description: string | undefined): void {
    // A description without a number tells no age.
    if (description && /\d/.test(description)) {
      this.nodes.set(node.id, { node, description });
    } else {
      this.nodes.delete(node.id);
    }
  }

  /** Called when the tree is shown or hidden: looks at the clock from then on, or no longer. */
  update(): void {
    if (!this.options.isVisible()) {
      this.stop();
    } else if (!this.timer) {
      this.look();
      this.timer = setInterval(() => this.look(), this.options.every ?? 15_000);
      this.timer.unref();
    }
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    const outdated = [...this.nodes.values()].filter(({ node, description }) => this.options.describe(node) !== description).map(({ node }) => node);
    // What is drawn anew comes back by itself; what is gone must not be asked about for ever.
    outdated.forEach(({ id }) => this.nodes.delete(id));
    if (outdated.length > manyNodes) {
      this.options.redraw(undefined);
    } else {
      outdated.forEach((node) => this.options.redraw(node));
    }
  }
}
