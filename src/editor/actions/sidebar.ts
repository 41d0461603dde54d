import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { VerifiedFinding } from '../../provision/verify.ts';
import type { TreePath } from '../../resources/tree-path.ts';
import { UserError, sentences } from '../../errors.ts';
import { containerId, extensionId, trees, viewId, type TreeId } from '../ids.ts';
import { say, tell } from '../messages.ts';
import { cancelled, pick, pickStep } from '../prompts.ts';
import { stepNodeId, type GivenNode, type NodeArguments, type StepArguments } from '../arguments.ts';
import type { Services } from '../services.ts';
import { choices, hasMatchesBelow, type NodeFilter } from '../trees/nodeFilter.ts';
import { tutorialNames, type TreeController } from '../trees/controller.ts';
import { isPlaceholder, type Placeholder, type TreeNode } from '../trees/tree.ts';

/** The node that a command of the sidebar works on: the one it was called on, the focused one for a key, the one at a path, or one that the user picks. */
export async function nodeFor<N extends TreeNode>(services: Services, tree: TreeId, values: NodeArguments, title: string, wanted: NodeFilter<N>): Promise<{ readonly node: N; readonly tree: TreeController }> {
  const controller = await services.sidebar.tree(tree);
  const given = values.node ?? (values.focused ? await services.sidebar.focused(tree) : undefined) ?? (values.path && (await at(controller, values.path)));
  if (given && wanted(given)) {
    return { node: given, tree: controller };
  }
  if (given) {
    // A key was pressed on this node. Asking for another one would take the user somewhere else.
    throw new UserError('sidebar.unfit', l10n.t('This cannot be done with {0}.', values.path?.at(-1) ?? controller.present(given).label), { next: l10n.t('Select something else in the tree, or call the command from the palette: it asks.') });
  }
  return { node: await choose(controller, wanted, title), tree: controller };
}

async function at(tree: TreeController, path: readonly string[]): Promise<TreeNode> {
  const node = await tree.model.find(path);
  if (!node || node.id !== path.at(-1)) {
    throw new UserError('sidebar.missing', l10n.t('{0} is not there.', path.at(-1) ?? ''), { next: l10n.t('Refresh the view, then try again.') });
  }
  return node;
}

/** Asks for a node, level by level. */
async function choose<N extends TreeNode>(tree: TreeController, wanted: NodeFilter<N>, title: string): Promise<N> {
  const { model } = tree;
  for (let here: TreeNode | undefined; ; ) {
    const items = levelOf(tree, here, wanted);
    const { node } = await pick(items, [title, here && tree.present(here).label].filter(Boolean).join(' · '));
    if (!node) {
      throw cancelled();
    }
    if (isPlaceholder(node)) {
      await model.loadMore(here);
    } else if (wanted(node) && (node === here || !hasMatchesBelow(tree.source, node, wanted))) {
      return node;
    } else {
      here = node;
    }
  }
}

interface LevelItem extends vscode.QuickPickItem {
  readonly node?: TreeNode;
}

async function levelOf(tree: TreeController, here: TreeNode | undefined, wanted: NodeFilter): Promise<LevelItem[]> {
  const children = await settled(tree, here);
  const failed = children.find((node) => isPlaceholder(node) && node.kind === 'error');
  if (failed && isPlaceholder(failed) && failed.error) {
    throw failed.error;
  }
  const items = choices(tree.source, children, wanted)
    .map((node): LevelItem => {
      const { icon, label, description } = tree.present(node);
      return { label: `$(${icon.replace('~spin', '')}) ${label}`, description, node };
    });
  if (here && wanted(here)) {
    items.unshift({ label: `$(check) ${l10n.t('This one: {0}', tree.present(here).label)}`, node: here });
  }
  if (items.length === 0) {
    throw new UserError('sidebar.nothing', l10n.t('There is nothing here to choose.'), { next: l10n.t('Open the view "{0}": it says what there is.', titleOfTree(tree.id)) });
  }
  return items;
}

/** The name of a view in the editor's language, as the manifest has it. */
function titleOfTree(id: TreeId): string {
  const { contributes } = vscode.extensions.getExtension(extensionId)?.packageJSON as { readonly contributes: { readonly views: Readonly<Record<string, readonly { readonly id: string; readonly name: string }[]>> } };
  return contributes.views[containerId]?.find((view) => view.id === viewId(id))?.name ?? id;
}

async function settled(tree: TreeController, node: TreeNode | undefined): Promise<readonly (TreeNode | Placeholder)[]> {
  for (;;) {
    const children = await tree.children(node);
    if (!children.some((child) => isPlaceholder(child) && child.kind === 'waiting')) {
      return children;
    }
    await tree.model.settled(node);
  }
}

/** Reads all views again, and the steps' states where somebody sees them. */
export async function refreshTree({ sidebar, steps }: Services): Promise<void> {
  sidebar.refresh();
  if (sidebar.isVisible('steps')) {
    steps.check(true);
  }
  return Promise.resolve();
}

/** The node whose menu the command was called from. */
interface OneNode {
  readonly node?: GivenNode;
}

const ofNode = async ({ sidebar }: Services, { node }: OneNode, run: (tree: TreeController, node: TreeNode) => void | Promise<void>): Promise<void> => {
  const id = node && treeOf(node);
  if (node && id) {
    await run(await sidebar.tree(id), node);
  }
};

/** The tree that a node is of. */
export const treeOf = (node: GivenNode): TreeId | undefined => trees.map(({ id }) => id).find((tree) => belongsTo(tree, node));

/** Which tree a node is of, by the id of its root. */
const belongsTo = (tree: TreeId, node: GivenNode): boolean => {
  const beginnings: Readonly<Record<TreeId, string>> = { steps: stepNodeId(''), buckets: 's3://', catalog: 'database:', workflows: 'workflow:' };
  return node.id.startsWith(beginnings[tree]) || node.id.startsWith(`${tree}#`);
};

export const refreshNode = (services: Services, values: OneNode): Promise<void> => ofNode(services, values, (tree, node) => tree.model.refresh(node));
export const retryNode = (services: Services, values: OneNode): Promise<void> => ofNode(services, values, (tree, node) => tree.model.retry(node.parent));
export const loadMore = (services: Services, values: OneNode): Promise<void> => ofNode(services, values, (tree, node) => tree.model.loadMore(node.parent));
export const cancelNode = (services: Services, values: OneNode): Promise<void> => ofNode(services, values, (tree, node) => tree.model.cancel(node.parent));

/** Shows in the sidebar what a step provisions. @returns the id of the node that was selected. */
export async function revealStep(services: Services, values: StepArguments): Promise<string | undefined> {
  const { resourcesOf } = await import('../core.ts');
  const text = await services.tutorial.load();
  const shown = text.steps.filter(({ id }) => resourcesOf(text, [id], false).some(({ kind }) => kind.sidebar));
  const step = values.step ?? (await pickStep(shown, services.steps.states(), l10n.t('Show which step in the sidebar?')));
  const names = await namesOf(services);
  const places = resourcesOf(text, [step], false).flatMap(({ kind }) => kind.sidebar?.({ names }) ?? []);
  const [first] = bestFirst(places);
  if (!first) {
    throw new UserError('sidebar.none', l10n.t('The sidebar shows nothing of this step.'), { next: l10n.t('Verify the step: it says what is there.') });
  }
  return reveal(services, first);
}

/** Sorted: first the tree that shows most of them, and in it what is nearest to the roots. */
function bestFirst(places: readonly TreePath[]): TreePath[] {
  const inTree = ({ tree }: TreePath): number => places.filter((other) => other.tree === tree).length;
  return [...places].sort((a, b) => inTree(b) - inTree(a) || a.path.length - b.path.length);
}

/** Shows in the sidebar what a finding is about. If the sidebar does not show that, the finding's whole text, which the list may have cut off. */
export async function revealFinding(services: Services, { resource, message, fix }: VerifiedFinding): Promise<string | undefined> {
  const { findKind } = await import('../core.ts');
  const place = resource === undefined ? undefined : findKind(resource)?.sidebar?.({ names: await namesOf(services) });
  if (!place) {
    tell(sentences(message, fix));
    return undefined;
  }
  return reveal(services, place);
}

async function namesOf(services: Services) {
  if (services.model.accountId === undefined) {
    await services.model.use((connection) => services.model.identify(connection));
  }
  return tutorialNames(services);
}

/** Expands the tree down to a node and selects it. A node that is not there yet is reported. @returns the id of the node that was selected. */
export async function reveal({ sidebar }: Services, { tree: id, path }: TreePath): Promise<string | undefined> {
  const tree = await sidebar.tree(id);
  await vscode.commands.executeCommand(`${viewId(id)}.focus`);
  // Something that was created a moment ago is not among the nodes that were read before.
  let node = await tree.model.find(path);
  if (node?.id !== path.at(-1)) {
    tree.model.refresh(node);
    node = await tree.model.find(path);
  }
  if (node) {
    await tree.view.reveal(node, { select: true, focus: true, expand: true });
  }
  if (node?.id !== path.at(-1)) {
    say(l10n.t('{0} is not there yet.', (path.at(-1) ?? '').replace(/^.*[:/](?=[^:/]+\/?$)/, '')));
  }
  return node?.id;
}
