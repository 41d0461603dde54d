import * as l10n from '@vscode/l10n';
import type { NodeArguments } from '../arguments.ts';
import type { Services } from '../services.ts';
import { ofKinds } from '../trees/nodeFilter.ts';
import type { WorkflowRunNode } from '../trees/workflows.ts';
import { nodeFor } from './sidebar.ts';

/** Shows the active tutorial's lake as a map. */
export async function showLakeMap({ panels }: Services): Promise<void> {
  await panels.open('lakeMap');
}

/** Shows a run of a workflow: its graph, and its time line. */
export async function showRun(services: Services, values: NodeArguments): Promise<void> {
  const { node } = await nodeFor(services, 'workflows', values, l10n.t('Show which run?'), ofKinds<WorkflowRunNode>(['run']));
  await services.panels.open('run', { workflow: node.run.workflow, run: node.run.id });
}
