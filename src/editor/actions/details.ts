import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { describe, type Describable } from '../../aws/describe.ts';
import { UserError } from '../../errors.ts';
import { objectId } from '../../resources/tree-path.ts';
import type { NodeArguments } from '../arguments.ts';
import type { TreeId } from '../ids.ts';
import { withProgress } from '../progress.ts';
import type { Services } from '../services.ts';
import type { BucketNode, FolderNode, ObjectNode } from '../trees/buckets.ts';
import type { ColumnNode, DatabaseNode, TableNode } from '../trees/catalog.ts';
import { ofKinds } from '../trees/nodeFilter.ts';
import type { ScheduleNode, StepNode, WorkflowNode, WorkflowRunNode } from '../trees/workflows.ts';
import { nodeFor, treeOf } from './sidebar.ts';

type DescribedNode = BucketNode | ObjectNode | DatabaseNode | TableNode | WorkflowNode | ScheduleNode | WorkflowRunNode | StepNode;
const isDescribed = ofKinds<DescribedNode>(['bucket', 'object', 'database', 'table', 'workflow', 'schedule', 'run', 'step']);

/** Shows what AWS itself says of a node, as JSON. */
export async function showDetails(services: Services, values: NodeArguments & { readonly tree?: TreeId }): Promise<string> {
  const { node, tree } = await nodeFor(services, treeFor(values), values, l10n.t('Details of what?'), isDescribed);
  const thing = thingOf(node);
  const description = await withProgress(l10n.t('Lake Tutorial: reading the details'), (_report, signal) => tree.use(signal, (aws) => describe(aws, thing)));
  const text = `${JSON.stringify(description, undefined, 2)}\n`;
  await services.documents.show(`details/${nameOf(node)}.json`, text, 'json');
  return text;
}

type NamedNode = DescribedNode | FolderNode | ColumnNode;
const isNamed = ofKinds<NamedNode>(['bucket', 'folder', 'object', 'database', 'table', 'column', 'workflow', 'schedule', 'run', 'step']);

/** Inserts a node's name where the cursor is, in place of what is selected: as SQL has it, or as the URI of what lies in a bucket. */
export async function insertName(services: Services, values: NodeArguments & { readonly tree?: TreeId }): Promise<string> {
  const { node } = await nodeFor(services, treeFor(values), values, l10n.t('Insert which name?'), isNamed);
  const name = nameOf(node);
  const editor = vscode.window.activeTextEditor;
  const inserted = editor && (await editor.edit((edit) => editor.selections.forEach((selection) => edit.replace(selection, name))));
  if (!inserted) {
    throw new UserError('editor.none', l10n.t('There is no text to insert "{0}" into.', name), { next: l10n.t('Open a file that can be written to, put the cursor where the name belongs, then choose this again.') });
  }
  await vscode.window.showTextDocument(editor.document, editor.viewColumn);
  return name;
}

/** The tree of the node that was given, or the one that was named. */
const treeFor = ({ node, tree }: NodeArguments & { readonly tree?: TreeId }): TreeId => (node && treeOf(node)) ?? tree ?? 'catalog';

function thingOf(node: DescribedNode): Describable {
  switch (node.kind) {
    case 'bucket':
      return { kind: 'bucket', bucket: node.bucket };
    case 'object':
      return { kind: 'object', bucket: node.bucket, key: node.object.key };
    case 'database':
      return { kind: 'database', database: node.database };
    case 'table':
      return { kind: 'table', database: node.database, table: node.table.name };
    case 'workflow':
      return { kind: 'workflow', workflow: node.workflow.name };
    case 'schedule':
      return { kind: 'schedule', trigger: node.schedule.trigger };
    case 'run':
      return { kind: 'run', workflow: node.run.workflow, run: node.run.id };
    case 'step':
      return { kind: node.step.type, name: node.step.name };
  }
}

function nameOf(node: NamedNode): string {
  switch (node.kind) {
    case 'bucket':
      return node.bucket;
    case 'folder':
      return objectId(node.bucket, node.prefix);
    case 'object':
      return objectId(node.bucket, node.object.key);
    case 'database':
      return node.database;
    case 'table':
      return `${node.database}.${node.table.name}`;
    case 'column':
      return node.column.name;
    case 'workflow':
      return node.workflow.name;
    case 'schedule':
      return node.schedule.trigger;
    case 'run':
      return node.run.id;
    case 'step':
      return node.step.name;
  }
}
