import { basename } from 'node:path';
import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { deleteObjects as deleteFrom, download, keyFromInput, lifecycleOf, listFolder, measure, existingKeys, upload } from '../../aws/buckets.ts';
import { jsonTable, rowsAfter } from '../../aws/objectRows.ts';
import { previewObject as look, type Preview } from '../../aws/preview.ts';
import type { Connection } from '../../aws/connection.ts';
import { UserError } from '../../errors.ts';
import { bucketTreePath, objectId } from '../../resources/tree-path.ts';
import { withProgress, type Report } from '../progress.ts';
import { calling, say, tell } from '../messages.ts';
import { cancelled, confirm, listed, pick } from '../prompts.ts';
import type { ConsentArguments, NodeArguments } from '../arguments.ts';
import { showRows } from '../panels/showRows.ts';
import type { Services } from '../services.ts';
import { showsText } from '../settings.ts';
import { tableText } from '../../table.ts';
import type { BucketNode, BucketsSource, FolderNode, ObjectNode, PlaceNode } from '../trees/buckets.ts';
import { ofKinds, type NodeFilter } from '../trees/nodeFilter.ts';
import type { TreeController } from '../trees/controller.ts';
import { formatObjectCount, formatRowCount } from '../trees/format.ts';
import { nodeFor, reveal } from './sidebar.ts';

/** Files on this computer. */
interface FileArguments {
  readonly files?: readonly string[];
}

const isObject = ofKinds<ObjectNode>(['object']);
const isContainer = ofKinds<BucketNode | FolderNode>(['bucket', 'folder']);
const isAny = ofKinds<PlaceNode>(['bucket', 'folder', 'object']);
const isInside = ofKinds<FolderNode | ObjectNode>(['folder', 'object']);
/** Objects and folders can be deleted, but no zone: it is a resource of the tutorial. */
const isDeletable = ofKinds<FolderNode | ObjectNode>(['folder', 'object'], (node) => node.kind === 'object' || !node.zone);

const keyOf = (node: PlaceNode): string => (node.kind === 'object' ? node.object.key : node.prefix);
const sourceOf = ({ source }: TreeController): BucketsSource => source as unknown as BucketsSource;

/** Calls AWS under a notification that can be cancelled. */
const working = <T>(tree: TreeController, title: string, run: (aws: Connection, report: Report, signal: AbortSignal) => Promise<T>): Promise<T> =>
  withProgress(title, (report, signal) => tree.use(signal, (aws) => run(aws, report, signal)));

/** Shows the rows of a table, or the beginning of a text. @returns the text, or which object a grid shows. */
export async function previewObject(services: Services, values: NodeArguments & { readonly bucket?: string; readonly key?: string }): Promise<string> {
  const { bucket, key: named } = values;
  const where = bucket !== undefined && named !== undefined ? { ...values, path: bucketTreePath(bucket, named).path } : values;
  const { node, tree } = await nodeFor(services, 'buckets', where, l10n.t('Preview which object?'), isObject);
  const { key, size } = node.object;
  const preview = await working(tree, l10n.t('Lake Tutorial: reading {0}', basename(key)), (aws) => look(aws, node.bucket, key, size));
  const asText = (): Promise<string> => showPreview(services, { node, tree }, preview);
  const table = preview.kind === 'table' ? preview : jsonTable(preview);
  if (showsText() || !table || table.rows.length === 0) {
    return asText();
  }
  const rest = table.truncated ? rowsAfter(node.bucket, key, size, table) : undefined;
  await showRows(services, {
    title: basename(key), name: basename(key).replace(/\.\w+$/, ''), columns: table.columns, rows: table.rows, facts: [objectId(node.bucket, key), tree.format.bytes(size), ...table.facts], asText,
    ...(rest && { more: (signal) => tree.use(signal, (aws) => rest.next(aws)) }), asked: { command: 'lakeTutorial.previewObject', values: { bucket: node.bucket, key } },
  });
  return objectId(node.bucket, key);
}

async function showPreview(services: Services, { node, tree }: { readonly node: ObjectNode; readonly tree: TreeController }, preview: Preview): Promise<string> {
  const { key, size } = node.object;
  if (preview.kind === 'text' && !preview.empty) {
    const more = preview.truncated ? `\n… ${l10n.t('There is more: {0} in all.', tree.format.bytes(size))}\n` : '';
    return show(services, `${node.bucket}/${key}`, `${preview.text}${more}`, preview.language);
  }
  if (preview.kind === 'text') {
    // An empty document would look like a failure.
    return show(services, `${node.bucket}/${key} (${l10n.t('preview')})`, [objectId(node.bucket, key), tree.format.bytes(size), '', l10n.t('It is empty.'), '', preview.text.trimStart()].join('\n'), 'plaintext');
  }
  const facts = [tree.format.bytes(size), ...preview.facts].join(' · ');
  const shown = formatRowCount(tree.format, preview.rows.length, preview.truncated);
  return show(services, `${node.bucket}/${key} (${l10n.t('preview')})`, [objectId(node.bucket, key), facts, '', shown, '', tableText(preview.columns, preview.rows)].join('\n'), 'plaintext');
}

async function show({ documents }: Services, path: string, text: string, language: string): Promise<string> {
  await documents.show(path, text, language);
  return text;
}

const copy = (of: (node: PlaceNode, tree: TreeController) => string, wanted: NodeFilter<PlaceNode> = isAny) =>
  async (services: Services, values: NodeArguments): Promise<string> => {
    const { node, tree } = await nodeFor(services, 'buckets', values, l10n.t('Copy that of which?'), wanted);
    const text = of(node, tree);
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(l10n.t('Copied: {0}', text), 3000);
    return text;
  };

export const copyUri = copy((node) => objectId(node.bucket, keyOf(node)));
export const copyArn = copy((node, tree) => `arn:${tree.partition}:s3:::${node.bucket}${keyOf(node) && `/${keyOf(node)}`}`);
export const copyPath = copy(keyOf, isInside);

/** Saves an object where the user says. */
export async function downloadObject(services: Services, values: NodeArguments & FileArguments): Promise<string> {
  const { node, tree } = await nodeFor(services, 'buckets', values, l10n.t('Download which object?'), isObject);
  const name = basename(node.object.key);
  const [given] = values.files ?? [];
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const file = given ?? (await vscode.window.showSaveDialog({ title: l10n.t('Download {0}', name), ...(folder && { defaultUri: vscode.Uri.joinPath(folder, name) }) }))?.fsPath;
  if (file === undefined) {
    throw cancelled();
  }
  await working(tree, l10n.t('Lake Tutorial: downloading {0}', name), (aws, report, signal) => download(aws, node.bucket, node.object.key, file, { signal, onProgress: bytesOf(tree, report) }));
  services.log.info(`downloaded ${objectId(node.bucket, node.object.key)}`);
  say(l10n.t('Downloaded: {0}', file), { answers: [calling(l10n.t('Open'), 'vscode.open', vscode.Uri.file(file))] });
  return file;
}

/** Reports at most five times a second: chunks come faster than anybody reads. */
function bytesOf({ format }: TreeController, report: Report): (done: number, total: number) => void {
  let last = 0;
  return (done, total) => {
    const now = Date.now();
    if (now - last > 200 || done === total) {
      last = now;
      report(l10n.t('{0} of {1}', format.bytes(done), format.bytes(total)), total > 0 ? done / total : undefined);
    }
  };
}

/** Puts files from this computer into a bucket or folder. */
export async function uploadFiles(services: Services, values: NodeArguments & ConsentArguments & FileArguments): Promise<readonly string[]> {
  const { node, tree } = await nodeFor(services, 'buckets', values, l10n.t('Upload to where?'), isContainer);
  const place = objectId(node.bucket, node.prefix);
  const files = values.files ?? (await vscode.window.showOpenDialog({ title: l10n.t('Upload to {0}', place), canSelectMany: true, openLabel: l10n.t('Upload') }))?.map(({ fsPath }) => fsPath) ?? [];
  if (files.length === 0) {
    throw cancelled();
  }
  if (!values.yes) {
    // S3 is asked, as the tree has read only the nodes that were expanded, and of those the first pages.
    const there = await working(tree, l10n.t('Lake Tutorial: uploading to {0}', place), (aws) => existingKeys(aws, node.bucket, files.map((file) => node.prefix + basename(file))));
    if (there.length > 0) {
      await confirm(l10n.t('Replace what is there?'), [l10n.t('These are in {0} already:', place), listed(there.map((key) => key.slice(node.prefix.length)))].join('\n'), l10n.t('Replace'));
    }
  }
  const keys: string[] = [];
  try {
    await working(tree, l10n.t('Lake Tutorial: uploading to {0}', place), async (aws, report, signal) => {
      for (const [index, file] of files.entries()) {
        const name = basename(file);
        const bytes = bytesOf(tree, (message, fraction = 0) => report(files.length > 1 ? `${name} (${index + 1}/${files.length}): ${message}` : `${name}: ${message}`, (index + fraction) / files.length));
        await upload(aws, file, node.bucket, node.prefix + name, { signal, onProgress: bytes });
        keys.push(node.prefix + name);
      }
    });
  } finally {
    tree.model.refresh(node);
  }
  tell(keys.length === 1 ? l10n.t('Uploaded {0}.', objectId(node.bucket, keys[0])) : l10n.t('Uploaded {0} files to {1}.', keys.length, place));
  return keys;
}

/** Deletes an object, or all that lies in a folder, after asking. @returns how many objects. */
export async function deleteObjects(services: Services, values: NodeArguments & ConsentArguments): Promise<number> {
  const { node, tree } = await nodeFor(services, 'buckets', values, l10n.t('Delete what?'), isDeletable);
  const key = keyOf(node);
  const uri = objectId(node.bucket, key);
  if (!values.yes) {
    const extent = node.kind === 'folder' ? await working(tree, l10n.t('Lake Tutorial: counting'), (aws) => measure(aws, node.bucket, key, { pages: 1 })) : undefined;
    const what = extent ? l10n.t('Everything in it goes: {0}.', formatObjectCount(tree.format, extent.objects, !extent.complete)) : tree.format.bytes(node.kind === 'object' ? node.object.size : 0);
    await confirm(l10n.t('Delete {0}?', uri), [what, l10n.t('It cannot be taken back, unless the bucket keeps versions.')].join('\n'), l10n.t('Delete'));
  }
  try {
    const deleted = await working(tree, l10n.t('Lake Tutorial: deleting {0}', uri), (aws, report) => deleteFrom(aws, node.bucket, key, (count) => report(formatObjectCount(tree.format, count, false))));
    services.log.info(`deleted ${uri}: ${deleted}`);
    return deleted;
  } finally {
    tree.model.refresh(node.parent);
  }
}

/** Counts all that lies below a bucket, zone or folder, and keeps the count beside its name. */
export async function countObjects(services: Services, values: NodeArguments): Promise<number> {
  const { node, tree } = await nodeFor(services, 'buckets', values, l10n.t('Count what?'), isContainer);
  const extent = await working(tree, l10n.t('Lake Tutorial: counting'), (aws, report) =>
    measure(aws, node.bucket, node.prefix, { onProgress: ({ objects, bytes }) => report(`${formatObjectCount(tree.format, objects, false)} · ${tree.format.bytes(bytes)}`) }));
  if (node.kind === 'folder') {
    node.extent = extent;
    tree.model.redraw(node);
  }
  say([objectId(node.bucket, node.prefix), ...sourceOf(tree).extentLines(extent)].join(' · '));
  return extent.objects;
}

/** Says what the bucket's lifecycle rules do to something. */
export async function showLifecycle(services: Services, values: NodeArguments): Promise<readonly string[]> {
  const { node, tree } = await nodeFor(services, 'buckets', values, l10n.t('Which rule applies to what?'), isAny);
  const source = sourceOf(tree);
  const rules = await working(tree, l10n.t('Lake Tutorial: reading the lifecycle rules'), (aws) => source.lifecycle(node.bucket, aws));
  const steps = lifecycleOf(rules, node.kind === 'object' ? node.object : { prefix: node.prefix });
  const lines = source.lifecycleLines(steps);
  const icons = { move: 'archive', expire: 'trash', 'abort-upload': 'circle-slash' };
  const items = lines.map((line, index) => ({ label: `$(${icons[steps[index]?.does ?? 'move']}) ${line}` }));
  // The command ends here; the list stays open until the user closes it.
  void vscode.window.showQuickPick(steps.length === 0 ? [{ label: `$(info) ${lines[0] ?? ''}` }] : items, { title: objectId(node.bucket, keyOf(node)), ignoreFocusOut: true });
  return lines;
}

/** A search shows at most so many names. */
const found = 100;

interface Hit extends vscode.QuickPickItem {
  readonly key?: string;
}

/** Searches a bucket by the beginning of the key: each time one stops typing, one request for what begins so. */
export async function searchObjects(services: Services, values: NodeArguments): Promise<string | undefined> {
  const isBucket = ofKinds<BucketNode | FolderNode>(values.node ? ['bucket', 'folder'] : ['bucket']);
  const { node, tree } = await nodeFor(services, 'buckets', values, l10n.t('Search in which bucket?'), isBucket);
  const { bucket } = node;
  const key = await new Promise<string>((resolve, reject) => {
    const input = vscode.window.createQuickPick<Hit>();
    input.title = l10n.t('Search in {0}', bucket);
    input.placeholder = l10n.t('The beginning of the path, such as bronze/');
    input.value = node.prefix;
    input.ignoreFocusOut = true;
    let looking = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const search = async (typed: string): Promise<void> => {
      looking.abort();
      looking = new AbortController();
      const { signal } = looking;
      const prefix = keyFromInput(typed, bucket);
      input.busy = true;
      try {
        const { folders, objects, next } = await tree.use(signal, (aws) => listFolder(aws, bucket, prefix, { limit: found }));
        const hits: Hit[] = [
          ...folders.map((folder) => ({ label: `$(folder) ${folder}`, key: folder })),
          ...objects.map((object) => ({ label: `$(file) ${object.key}`, description: tree.format.bytes(object.size), key: object.key })),
        ];
        // S3 has filtered already: the list's own filter must not hide anything.
        input.items = (hits.length > 0 ? [...hits, ...(next ? [{ label: `$(ellipsis) ${l10n.t('More: type more of the path')}` }] : [])] : [{ label: `$(info) ${l10n.t('Nothing begins so.')}` }]).map((item) => ({ ...item, alwaysShow: true }));
      } catch (error) {
        if (!signal.aborted) {
          reject(error as Error);
          input.hide();
        }
        return;
      }
      input.busy = false;
    };
    input.onDidChangeValue((typed) => {
      clearTimeout(timer);
      timer = setTimeout(() => void search(typed), 200);
    });
    input.onDidAccept(() => {
      const chosen = input.selectedItems[0]?.key;
      if (chosen?.endsWith('/')) {
        // Accepting a folder searches in it; accepting it a second time chooses it.
        if (keyFromInput(input.value, bucket) === chosen) {
          resolve(chosen);
          input.hide();
        } else {
          input.value = chosen;
          void search(chosen);
        }
      } else if (chosen !== undefined) {
        resolve(chosen);
        input.hide();
      }
    });
    input.onDidHide(() => {
      looking.abort();
      clearTimeout(timer);
      input.dispose();
      reject(cancelled());
    });
    input.show();
    void search(input.value);
  });
  const preview = { label: `$(open-preview) ${l10n.t('Preview')}`, does: 'preview' as const };
  const reveals = { label: `$(list-tree) ${l10n.t('Show in the tree')}`, does: 'reveal' as const };
  const copies = { label: `$(copy) ${l10n.t('Copy S3 URI')}`, does: 'copy' as const };
  const { does } = await pick(key.endsWith('/') ? [reveals, copies] : [preview, reveals, copies], objectId(bucket, key));
  if (does === 'copy') {
    await vscode.env.clipboard.writeText(objectId(bucket, key));
  } else if (does === 'reveal') {
    await reveal(services, bucketTreePath(bucket, key));
  } else {
    await previewKey(tree, bucket, key);
  }
  return key;
}

async function previewKey(tree: TreeController, bucket: string, key: string): Promise<void> {
  const head = await tree.use(new AbortController().signal, (aws) => aws.s3.headObject({ Bucket: bucket, Key: key }));
  const parent = tree.model.known(undefined).find(({ id }) => id === objectId(bucket)) as BucketNode | undefined;
  if (!parent) {
    throw new UserError('sidebar.missing', l10n.t('{0} is not there.', bucket), { next: l10n.t('Refresh the view, then try again.') });
  }
  const node: ObjectNode = { kind: 'object', id: objectId(bucket, key), bucket, parent, object: { key, size: head.ContentLength ?? 0 } };
  await vscode.commands.executeCommand('lakeTutorial.previewObject', node);
}
