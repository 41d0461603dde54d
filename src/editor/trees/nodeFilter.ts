import { isPlaceholder, type Placeholder, type TreeNode, type TreeSource } from './tree.ts';

// Which nodes a command offers, level by level, when it is called from the palette. There is no VS Code here, so tests need no editor.

/** Accepts the nodes that a command works on. `kinds` are the kinds that such nodes can have. */
export interface NodeFilter<N extends TreeNode = TreeNode> {
  (node: TreeNode): node is N;
  readonly kinds: readonly string[];
}

/** A filter for nodes of some kinds, and of those only the ones that `fits` accepts. */
export function ofKinds<N extends TreeNode>(kinds: readonly N['kind'][], fits: (node: N) => boolean = () => true): NodeFilter<N> {
  return Object.assign((node: TreeNode): node is N => kinds.includes(node.kind) && fits(node as N), { kinds });
}

/** Which kinds can be the children of which. Groups are left out: their children count as the parent's. */
const below: Readonly<Record<string, readonly string[]>> = {
  bucket: ['folder', 'object'], folder: ['folder', 'object'],
  database: ['table'], table: ['column'],
  workflow: ['schedule', 'run'], run: ['step'], step: ['attempt'],
};

function leads(kind: string, kinds: readonly string[], seen = new Set<string>()): boolean {
  return (below[kind] ?? []).some((each) => kinds.includes(each) || (!seen.has(each) && leads(each, kinds, seen.add(each))));
}

/** True for a node below which the filter may accept more nodes. It is false when the children are known without a request: `choices` offers them beside the node. */
export const hasMatchesBelow = <N extends TreeNode>(source: TreeSource<N>, node: TreeNode, filter: NodeFilter): boolean =>
  !isPlaceholder(node) && leads(node.kind, filter.kinds) && source.fixed?.(node as N) === undefined && source.present(node as N).expandable !== false;

/** The entries to offer on one level: nodes that the filter accepts, nodes that have such nodes below them, and "Load more". */
export function choices<N extends TreeNode>(source: TreeSource<N>, children: readonly (N | Placeholder)[], filter: NodeFilter): TreeNode[] {
  return children
    .flatMap((node): TreeNode[] => [node, ...(isPlaceholder(node) ? [] : source.fixed?.(node as N) ?? [])])
    .filter((node) => (isPlaceholder(node) ? node.kind === 'more' : filter(node) || hasMatchesBelow(source, node, filter)));
}
