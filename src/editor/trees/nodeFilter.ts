import { isPlaceholder, type Placeholder, type TreeNode, type TreeSource } from './tree.ts';

// What a command called from the palette offers, level by level. No VS Code here: tests need no editor.

/** What a command works on. */
export interface NodeFilter<N extends TreeNode = TreeNode> {
  (node: TreeNode): node is N;
  readonly kinds: readonly string[];
}

/** Nodes of these kinds, and of them only those that fit. */
export function ofKinds<N extends TreeNode>(kinds: readonly N['kind'][], fits: (node: N) => boolean = () => true): NodeFilter<N> {
  return Object.assign((node: TreeNode): node is N => kinds.includes(node.kind) && fits(node as N), { kinds });
}

/** What lies below what; groups are on no level of their own here. */
const below: Readonly<Record<string, readonly string[]>> = {
  bucket: ['folder', 'object'], folder: ['folder', 'object'],
  database: ['table'], table: ['column'],
  workflow: ['schedule', 'run'], run: ['step'], step: ['attempt'],
};

function leads(kind: string, wanted: readonly string[], seen = new Set<string>()): boolean {
  return (below[kind] ?? []).some((each) => wanted.includes(each) || (!seen.has(each) && leads(each, wanted, seen.add(each))));
}

/** True for what can be gone into to find more that is wanted. What is known without asking is offered beside it already. */
export const hasMatchesBelow = <N extends TreeNode>(source: TreeSource<N>, node: TreeNode, wanted: NodeFilter): boolean =>
  !isPlaceholder(node) && leads(node.kind, wanted.kinds) && source.fixed?.(node as N) === undefined && source.present(node as N).expandable !== false;

/** The entries of a level: what is wanted, what leads there, and the rest of a level that is long. */
export function choices<N extends TreeNode>(source: TreeSource<N>, children: readonly (N | Placeholder)[], wanted: NodeFilter): TreeNode[] {
  return children
    .flatMap((node): TreeNode[] => [node, ...(isPlaceholder(node) ? [] : source.fixed?.(node as N) ?? [])])
    .filter((node) => (isPlaceholder(node) ? node.kind === 'more' : wanted(node) || hasMatchesBelow(source, node, wanted)));
}
