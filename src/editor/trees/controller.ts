import * as vscode from 'vscode';
import { partitionOf } from '../../aws/identity.ts';
import { AwsError } from '../../aws/errors.ts';
import { loadTutorial } from '../../shell.ts';
import { deriveNames, type Names } from '../../resources/names.ts';
import { zoneNames } from '../../resources/kinds/zones.ts';
import { workflowName } from '../../resources/glue.ts';
import { resolveVariables } from '../../tutorial/variables.ts';
import { inWords } from '../userError.ts';
import { treeStateKey, type TreeId, type TreeState } from '../ids.ts';
import type { Services } from '../services.ts';
import { language, readSandbox, readVariables } from '../settings.ts';
import { BucketsSource } from './buckets.ts';
import { CatalogSource } from './catalog.ts';
import { Live } from './live.ts';
import { Session } from './sharedConnection.ts';
import { TreeModel, isPlaceholder, placeholderLook, type Ask, type Look, type Placeholder, type TreeNode, type TreeSource } from './tree.ts';
import { wordsIn, type Words } from './format.ts';
import { WorkflowsSource, type WorkflowsNode } from './workflows.ts';

/** The names of the tutorial's resources in the account of the moment. */
export async function tutorialNames({ model }: Pick<Services, 'model'>): Promise<Names> {
  const tutorial = await loadTutorial({ language: language() });
  const { region } = model.target;
  const { values } = resolveVariables(tutorial, readVariables());
  return deriveNames(tutorial.id, { accountId: model.accountId ?? '', partition: partitionOf(region) }, region, values);
}

/** One connection for all three trees. */
const sessions = new WeakMap<object, Session>();

export function sessionOf({ model }: Services): Session {
  let session = sessions.get(model);
  if (!session) {
    session = new Session(model);
    sessions.set(model, session);
  }
  return session;
}

/** Makes a tree behind a view. */
export function createTree(id: TreeId, view: vscode.TreeView<TreeNode>, fire: (node: TreeNode | undefined) => void, services: Services): TreeController {
  const words = wordsIn(vscode.env.language);
  const names = (): Promise<Names> => tutorialNames(services);
  const partition = (): string => partitionOf(services.model.target.region);
  const ofTutorial = async (name: (names: Names) => string): Promise<string | undefined> => (services.model.accountId === undefined ? undefined : name(await names()));
  const make = <N extends TreeNode>(source: TreeSource<N>): TreeController => new TreeController(id, source as unknown as TreeSource<TreeNode>, view, fire, services, words);
  switch (id) {
    case 'buckets':
      return make(new BucketsSource({ words, zones: zoneNames, tutorialBucket: () => ofTutorial(({ bucket }) => bucket) }));
    case 'catalog':
      return make(new CatalogSource({ words, zones: zoneNames, partition, tutorialDatabase: () => ofTutorial(({ lakeDatabase }) => lakeDatabase) }));
    case 'workflows': {
      const source = new WorkflowsSource({ words, language: language(), tutorialWorkflow: () => ofTutorial((own) => workflowName({ names: own })) });
      const tree = make(source);
      const model = tree.model as unknown as TreeModel<WorkflowsNode>;
      tree.follow(new Live({ model, source, use: tree.use, visible: () => view.visible, every: () => (services.model.isSandbox ? 1500 : 5000), now: Date.now }));
      return tree;
    }
  }
}

/** Between the model of a tree and its view: makes nodes into items, says why there are none, and follows what is opened and closed. */
export class TreeController implements vscode.Disposable {
  readonly model: TreeModel<TreeNode>;
  private readonly session: Session;
  private readonly subscriptions: vscode.Disposable[];
  private live: Live | undefined;
  private state: TreeState | undefined;
  private outdated: TreeNode | undefined;

  constructor(
    readonly id: TreeId,
    readonly source: TreeSource<TreeNode>,
    readonly view: vscode.TreeView<TreeNode>,
    fire: (node: TreeNode | undefined) => void,
    private readonly services: Services,
    readonly words: Words,
  ) {
    this.session = sessionOf(services);
    this.model = new TreeModel(source, { id, work: this.use, changed: (node) => fire(node) });
    this.subscriptions = [
      view.onDidCollapseElement(({ element }) => this.model.collapse(element)),
      view.onDidExpandElement(({ element }) => {
        this.model.expand(element);
        this.live?.update();
      }),
      view.onDidChangeVisibility(() => this.live?.update()),
    ];
  }

  /** Makes a call with the trees' connection. */
  readonly use = <T>(signal: AbortSignal, ask: Ask<T>, onThrottled?: () => void): Promise<T> => this.session.use(signal, ask, onThrottled);

  follow(live: Live): void {
    this.live = live;
  }

  dispose(): void {
    this.live?.stop();
    this.model.dispose();
    this.session.close();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Reads everything anew, perhaps from another account. */
  refresh(): void {
    this.session.close();
    this.model.refresh();
  }

  /** `aws`, `aws-cn`…: what ARNs begin with here. */
  get partition(): string {
    return partitionOf(this.services.model.target.region);
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
    const look = this.look(node);
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(look.label, look.expandable === 'expanded' ? Expanded : look.expandable ? Collapsed : None);
    item.id = node.id;
    item.description = look.description;
    item.iconPath = new vscode.ThemeIcon(look.icon, look.color === undefined ? undefined : new vscode.ThemeColor(look.color));
    item.contextValue = look.context ?? node.kind;
    item.accessibilityInformation = { label: [look.label, look.spoken ?? look.description].filter(Boolean).join(', ') };
    if (isPlaceholder(node)) {
      item.tooltip = node.error ? [node.error.what, node.error.why, node.error.next].filter(Boolean).join('\n\n') : '';
      if (node.kind !== 'waiting') {
        item.command = { command: node.kind === 'more' ? 'lakeTutorial.loadMore' : 'lakeTutorial.retryNode', title: look.label, arguments: [node] };
      }
    }
    return item;
  }

  /** How a node looks, also one that stands for what is not there. */
  look(node: TreeNode): Look {
    return isPlaceholder(node) ? placeholderLook(node) : this.source.look(node);
  }

  /** Fills in a tooltip when somebody wants to see it. */
  async resolve(item: vscode.TreeItem, node: TreeNode, token: vscode.CancellationToken): Promise<vscode.TreeItem> {
    if (this.outdated) {
      // What was found out for another tooltip stands beside the name from now on; under the mouse that would have closed it.
      this.model.redraw(this.outdated);
      this.outdated = undefined;
    }
    const cancelling = new AbortController();
    const subscription = token.onCancellationRequested(() => cancelling.abort());
    try {
      item.tooltip = plain(await this.facts(node, cancelling.signal));
      this.outdated = this.look(node).description === item.description ? undefined : node;
    } catch (error) {
      if (!cancelling.signal.aborted) {
        const { what, why, next } = inWords(error);
        item.tooltip = plain([what, why ?? '', next ?? '']);
        // A failure is not kept: the next look asks again.
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

  /** Why nothing is asked of AWS: it may not be, or there is nobody to ask. */
  private async obstacle(): Promise<TreeState | undefined> {
    const { model } = this.services;
    if (!vscode.workspace.isTrusted) {
      return 'untrusted';
    }
    if (!model.mayLook) {
      return 'disconnected';
    }
    if (model.isOwnSandbox) {
      const { sandboxStatus } = await import('../../sandbox/control/sandbox.ts');
      if ((await sandboxStatus({ state: readSandbox().state })).state !== 'running') {
        return 'stopped';
      }
    }
    if (model.accountId === undefined) {
      // The sandbox's account, asked once: the tutorial's names have it in them.
      await this.use(new AbortController().signal, (aws) => model.identify(aws)).catch(() => undefined);
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

/** The call that gives a tree its roots. */
const rootCall: Readonly<Record<TreeId, string>> = { buckets: 's3:ListBuckets', catalog: 'glue:GetDatabases', workflows: 'glue:ListWorkflows' };

/** What the roots say of the account. */
function stateOf(id: TreeId, children: readonly (TreeNode | Placeholder)[]): TreeState {
  const [first] = children;
  if (!first) {
    return 'empty';
  }
  const error = children.length === 1 && isPlaceholder(first) ? first.error : undefined;
  if (error?.code === 'sandbox.stopped') {
    return 'stopped';
  }
  // Only what the text names: the lack of anything else is told by the node.
  return error?.code === 'aws.denied' && AwsError.is(error.cause) && error.cause.call === rootCall[id] ? 'denied' : 'ok';
}

/** Lines of text as they are: what other people named and AWS reported is no Markdown, and escaped as such its addresses would show the escapes. */
const plain = (lines: readonly string[]): string => lines.filter(Boolean).join('\n');
