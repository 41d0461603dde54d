import * as vscode from 'vscode';
import { partitionOf } from '../../aws/identity.ts';
import { AwsError } from '../../aws/errors.ts';
import { deriveNames, type Names } from '../../resources/names.ts';
import { zoneNames } from '../../resources/kinds/zones.ts';
import { workflowName } from '../../resources/glue.ts';
import { resolveVariables } from '../../tutorial/variables.ts';
import { toUserError } from '../userError.ts';
import { treeStateKey, type TreeId, type TreeState } from '../ids.ts';
import type { ConnectionModel } from '../connectionModel.ts';
import { language, readSandbox, readVariables } from '../settings.ts';
import { Ages } from './ages.ts';
import { BucketsSource } from './buckets.ts';
import { CatalogSource } from './catalog.ts';
import { RunFollower } from './runFollower.ts';
import { SharedConnection } from './sharedConnection.ts';
import { TreeModel, isPlaceholder, presentPlaceholder, type AwsCall, type TreeItemPresentation, type Placeholder, type TreeNode, type TreeSource } from './tree.ts';
import { formatterFor, type Formatter } from './format.ts';
import type { ActiveTutorial } from '../activeTutorial.ts';
import type { StepsModel } from '../stepsModel.ts';
import { StepsSource } from './steps.ts';
import { WorkflowsSource, type WorkflowsNode } from './workflows.ts';

/** What trees are made from. */
export interface TreeServices {
  readonly model: ConnectionModel;
  readonly tutorial: ActiveTutorial;
  readonly steps: StepsModel;
}

/** The names of the active tutorial's resources in the current account and region. */
export async function tutorialNames({ model, tutorial }: Pick<TreeServices, 'model' | 'tutorial'>): Promise<Names> {
  const text = await tutorial.load();
  const { region } = model.target;
  const { values } = resolveVariables(text, readVariables());
  return deriveNames(text.id, { accountId: model.accountId ?? '', partition: partitionOf(region) }, region, values);
}

const sharedConnections = new WeakMap<ConnectionModel, SharedConnection>();

/** The one connection that the trees of AWS's things use. */
export function sharedConnectionOf(model: ConnectionModel): SharedConnection {
  let connection = sharedConnections.get(model);
  if (!connection) {
    connection = new SharedConnection(model);
    sharedConnections.set(model, connection);
  }
  return connection;
}

/** Creates the controller of a view. */
export function createTree(id: TreeId, view: vscode.TreeView<TreeNode>, fire: (node: TreeNode | undefined) => void, services: TreeServices): TreeController {
  const connectionModel = services.model;
  const format = formatterFor(vscode.env.language);
  const names = (): Promise<Names> => tutorialNames(services);
  const partition = (): string => partitionOf(connectionModel.target.region);
  const ofTutorial = async (name: (names: Names) => string): Promise<string | undefined> => (connectionModel.accountId === undefined ? undefined : name(await names()));
  const make = <N extends TreeNode>(source: TreeSource<N>): TreeController => new TreeController(id, source as unknown as TreeSource<TreeNode>, view, fire, connectionModel, format);
  switch (id) {
    case 'steps':
      return make(new StepsSource({ tutorial: services.tutorial, steps: services.steps, kinds: async () => (await import('../core.ts')).findKind }));
    case 'buckets':
      return make(new BucketsSource({ format, zones: zoneNames, tutorialBucket: () => ofTutorial(({ bucket }) => bucket) }));
    case 'catalog':
      return make(new CatalogSource({ format, zones: zoneNames, partition, tutorialDatabase: () => ofTutorial(({ lakeDatabase }) => lakeDatabase) }));
    case 'workflows': {
      const source = new WorkflowsSource({ format, language: language(), tutorialWorkflow: () => ofTutorial((own) => workflowName({ names: own })) });
      const tree = make(source);
      const model = tree.model as unknown as TreeModel<WorkflowsNode>;
      tree.follow(new RunFollower({ model, source, use: tree.use, visible: () => view.visible, every: () => (connectionModel.isSandbox ? 1500 : 5000), now: Date.now }));
      return tree;
    }
  }
}

/** Connects the model of a tree with its view: turns nodes into tree items, sets why the tree is empty, and reacts when nodes are expanded and collapsed. */
export class TreeController implements vscode.Disposable {
  readonly model: TreeModel<TreeNode>;
  private readonly connection: SharedConnection;
  private readonly subscriptions: vscode.Disposable[];
  private live: RunFollower | undefined;
  private state: TreeState | undefined;
  private outdated: TreeNode | undefined;
  private readonly ages: Ages;

  constructor(
    readonly id: TreeId,
    readonly source: TreeSource<TreeNode>,
    readonly view: vscode.TreeView<TreeNode>,
    fire: (node: TreeNode | undefined) => void,
    private readonly connectionModel: ConnectionModel,
    readonly format: Formatter,
  ) {
    this.connection = sharedConnectionOf(connectionModel);
    this.model = new TreeModel(source, { id, work: this.use, changed: (node) => fire(node) });
    this.ages = new Ages({ describe: (node) => this.present(node).description, redraw: (node) => this.model.redraw(node), isVisible: () => view.visible });
    this.ages.update();
    this.subscriptions = [
      view.onDidCollapseElement(({ element }) => this.model.collapse(element)),
      view.onDidExpandElement(({ element }) => {
        this.model.expand(element);
        this.live?.update();
      }),
      view.onDidChangeVisibility(() => {
        this.live?.update();
        this.ages.update();
      }),
    ];
  }

  /** Makes a call with the trees' connection. */
  readonly use = <T>(signal: AbortSignal, ask: AwsCall<T>, onThrottled?: () => void): Promise<T> => this.connection.use(signal, ask, onThrottled);

  follow(live: RunFollower): void {
    this.live = live;
  }

  dispose(): void {
    this.live?.stop();
    this.ages.stop();
    this.model.dispose();
    this.connection.close();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Reads everything anew, perhaps from another account. */
  refresh(): void {
    if (!this.source.local) {
      this.connection.close();
    }
    this.model.refresh();
  }

  /** `aws`, `aws-cn`…: what ARNs begin with here. */
  get partition(): string {
    return partitionOf(this.connectionModel.target.region);
  }

  /** Why the tree is empty, if it is. */
  get emptiness(): TreeState | undefined {
    return this.state;
  }

  async children(node: TreeNode | undefined): Promise<readonly (TreeNode | Placeholder)[]> {
    if (node && isPlaceholder(node)) {
      return [];
    }
    if (!node) {
      const obstacle = await this.obstacle();
      if (obstacle) {
        await this.show(obstacle);
        return [];
      }
    }
    const children = await this.model.children(node);
    this.live?.update();
    if (!node) {
      const state = stateOf(this.id, children);
      await this.show(state);
      return state === 'ok' ? children : [];
    }
    return children;
  }

  item(node: TreeNode): vscode.TreeItem {
    const presentation = this.present(node);
    this.ages.shown(node, presentation.description);
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(presentation.label, presentation.expandable === 'expanded' ? Expanded : presentation.expandable ? Collapsed : None);
    item.id = node.id;
    item.description = presentation.description;
    item.iconPath = new vscode.ThemeIcon(presentation.icon, presentation.color === undefined ? undefined : new vscode.ThemeColor(presentation.color));
    item.contextValue = presentation.context ?? node.kind;
    item.tooltip = presentation.tooltip;
    item.accessibilityInformation = { label: [presentation.label, presentation.spoken ?? presentation.description].filter(Boolean).join(', ') };
    if (presentation.opens) {
      item.command = { command: presentation.opens, title: presentation.label, arguments: [node] };
    }
    if (isPlaceholder(node)) {
      item.tooltip = node.error ? [node.error.what, node.error.why, node.error.next].filter(Boolean).join('\n\n') : '';
      if (node.kind !== 'waiting') {
        item.command = { command: node.kind === 'more' ? 'lakeTutorial.loadMore' : 'lakeTutorial.retryNode', title: presentation.label, arguments: [node] };
      }
    }
    return item;
  }

  /** How a node is presented, placeholders included. */
  present(node: TreeNode): TreeItemPresentation {
    return isPlaceholder(node) ? presentPlaceholder(node) : this.source.present(node);
  }

  /** Reads a node's tooltip when it opens. */
  async resolve(item: vscode.TreeItem, node: TreeNode, token: vscode.CancellationToken): Promise<vscode.TreeItem> {
    if (item.tooltip !== undefined) {
      return item;
    }
    if (this.outdated) {
      // An earlier tooltip has read something that belongs in its node's description. Redrawing that node at once would have closed the tooltip.
      this.model.redraw(this.outdated);
      this.outdated = undefined;
    }
    const cancelling = new AbortController();
    const subscription = token.onCancellationRequested(() => cancelling.abort());
    try {
      item.tooltip = plain(await this.facts(node, cancelling.signal));
      this.outdated = this.present(node).description === item.description ? undefined : node;
    } catch (error) {
      if (!cancelling.signal.aborted) {
        const { what, why, next } = toUserError(error);
        item.tooltip = plain([what, why ?? '', next ?? '']);
        // VS Code keeps a tooltip. Redrawing the node makes the next one read again.
        setTimeout(() => this.model.redraw(node), 5000).unref();
      }
    } finally {
      subscription.dispose();
    }
    return item;
  }

  /** What a node's tooltip says. */
  async facts(node: TreeNode, signal: AbortSignal): Promise<readonly string[]> {
    const { source } = this;
    return isPlaceholder(node) || !source.facts ? [] : this.use(signal, (aws) => source.facts?.(node, aws) ?? Promise.resolve([]));
  }

  /** Why no request may be made, if so: the workspace is not trusted, nobody has connected yet, or the sandbox does not run. */
  private async obstacle(): Promise<TreeState | undefined> {
    const { connectionModel } = this;
    if (!vscode.workspace.isTrusted) {
      return this.id === 'steps' ? undefined : 'untrusted';
    }
    if (!connectionModel.mayCallAws) {
      return 'disconnected';
    }
    if (connectionModel.isOwnSandbox) {
      const { sandboxStatus } = await import('../../sandbox/control/sandbox.ts');
      if ((await sandboxStatus({ state: readSandbox().state })).state !== 'running') {
        return 'stopped';
      }
    }
    if (connectionModel.accountId === undefined && !this.source.local) {
      // The names of the tutorial's resources contain the account id, so it is read once.
      await this.use(new AbortController().signal, (aws) => connectionModel.identify(aws)).catch(() => undefined);
    }
    return undefined;
  }

  private async show(state: TreeState): Promise<void> {
    if (this.state !== state) {
      this.state = state;
      await vscode.commands.executeCommand('setContext', treeStateKey(this.id), state);
    }
  }
}

/** The call that reads a tree's roots. */
const rootCall: Readonly<Partial<Record<TreeId, string>>> = { buckets: 's3:ListBuckets', catalog: 'glue:GetDatabases', workflows: 'glue:ListWorkflows' };

/** The state of the tree, by its roots. */
function stateOf(id: TreeId, children: readonly (TreeNode | Placeholder)[]): TreeState {
  const [first] = children;
  if (!first) {
    return 'empty';
  }
  const error = children.length === 1 && isPlaceholder(first) ? first.error : undefined;
  if (error?.code === 'sandbox.stopped') {
    return 'stopped';
  }
  // The view's text names only the permission to list the roots. When another one is missing, the error's own node says so.
  return error?.code === 'aws.denied' && AwsError.is(error.cause) && error.cause.call === rootCall[id] ? 'denied' : 'ok';
}

/** Plain text, not Markdown: names and AWS's messages may hold Markdown's characters, and escaping them would show in addresses. */
const plain = (lines: readonly string[]): string => lines.filter(Boolean).join('\n');
