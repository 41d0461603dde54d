import { writeFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as vscode from 'vscode';
import { extensionId } from '../../src/editor/ids.ts';
import type { LakeTutorialApi } from '../../src/extension.ts';
import { bucketTreePath, databaseTreePath, runTreePath, workflowTreePath, type TreePath } from '../../src/resources/tree-path.ts';

const rounds = 5;
const openings: readonly (readonly [string, TreePath])[] = [
  ['100,000 objects, flat', bucketTreePath('flat')],
  ['1,000 folders', bucketTreePath('folders')],
  ['one folder of 1,000', bucketTreePath('folders', 'folder-000500/')],
  ['10,000 tables', databaseTreePath('large')],
  ['1,000 runs', workflowTreePath('busy')],
  ['a run', runTreePath('busy', 'wr_3')],
];

/** What one opening took: requests, and milliseconds with and without those of the server. */
export interface Opening {
  readonly what: string;
  readonly round: number;
  readonly requests: number;
  readonly nodes: number;
  readonly beyondMs: number;
  readonly serverMs: number;
}

/** Opens the nodes of the account at `LAKE_TUTORIAL_BENCH_ENDPOINT` in this extension host, and writes what it took to the file in `LAKE_TUTORIAL_BENCH`. */
export async function run(): Promise<void> {
  const [endpoint = '', file = ''] = [process.env['LAKE_TUTORIAL_BENCH_ENDPOINT'], process.env['LAKE_TUTORIAL_BENCH']];
  const extension = vscode.extensions.getExtension<LakeTutorialApi>(extensionId);
  if (!extension) {
    throw new Error('the extension is not there');
  }
  const { sidebar, walkthrough } = await extension.activate();
  await vscode.commands.executeCommand('lakeTutorial.connect', { target: 'sandbox', endpoint, region: 'us-east-2' });
  // The walkthrough looks at the new account too: not what is measured here.
  await walkthrough.settled();
  const calls = async (): Promise<{ readonly ms: number }[]> => (await (await fetch(`${endpoint}/-/calls`)).json()) as { ms: number }[];
  const results: Opening[] = [];
  const before = heap();
  for (let round = 1; round <= rounds; round++) {
    for (const [what, place] of openings) {
      const tree = await sidebar.tree(place.tree);
      const node = await tree.model.find(place.path);
      if (node?.id !== place.path.at(-1)) {
        throw new Error(`${place.path.join(' ')} is not there`);
      }
      tree.model.refresh(node);
      await calls();
      const start = performance.now();
      const nodes = (await tree.children(node)).map((child) => tree.item(child)).length;
      const ms = performance.now() - start;
      const made = await calls();
      const serverMs = made.reduce((sum, call) => sum + call.ms, 0);
      results.push({ what, round, requests: made.length, nodes, serverMs, beyondMs: ms - serverMs });
    }
  }
  await writeFile(file, JSON.stringify({ openings: results, grownMb: (heap() - before) / 1024 ** 2 }));
}

/** What is really in use. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
