import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { parseUri } from '../../aws/buckets.ts';
import { selectFrom } from '../../aws/catalog.ts';
import { nextRows, runQuery, type QueryResult } from '../../aws/query.ts';
import { UserError } from '../../errors.ts';
import { bucketTreePath } from '../../resources/tree-path.ts';
import { workGroupName } from '../../resources/kinds/work-group.ts';
import { withProgress } from '../progress.ts';
import { cancelled } from '../prompts.ts';
import type { NodeArguments } from '../arguments.ts';
import { showRows } from '../panels/showRows.ts';
import type { Services } from '../services.ts';
import { showsText } from '../settings.ts';
import { statementAt, statements } from '../sql.ts';
import { tableText } from '../../table.ts';
import { isReadable, type CatalogNode, type ColumnNode, type DatabaseNode, type TableNode } from '../trees/catalog.ts';
import { ofKinds } from '../trees/nodeFilter.ts';
import { tutorialNames } from '../trees/controller.ts';
import { formatterFor } from '../trees/format.ts';
import { nodeFor, reveal } from './sidebar.ts';

const isTable = ofKinds<TableNode>(['table']);
const isNamed = ofKinds<DatabaseNode | TableNode | ColumnNode>(['database', 'table', 'column']);

const previewRows = 100;
/** A document shows so many rows; Athena keeps the rest. */
const resultRows = 1000;

/** Shows the first rows of a table, by Athena. */
export async function previewTable(services: Services, values: NodeArguments): Promise<QueryResult> {
  const { node } = await nodeFor(services, 'catalog', values, l10n.t('Preview which table?'), isTable);
  const { name } = node.table;
  if (!isReadable(node.table)) {
    throw new UserError('table.elsewhere', l10n.t('The data of {0} do not lie in a bucket.', name), { why: l10n.t('It is a source that a connection leads to; Athena reads what lies in S3.'), next: l10n.t('Run the workflow, which copies it to bronze, and preview that table.') });
  }
  return query(services, selectFrom(node.database, node.table.name, previewRows), { database: node.database, name: `${node.database}.${node.table.name} (${l10n.t('preview')})` });
}

/** Opens an editor with a SELECT of a table's first rows. */
export async function selectFromTable(services: Services, values: NodeArguments): Promise<string> {
  const { node } = await nodeFor(services, 'catalog', values, l10n.t('Write SELECT for which table?'), isTable);
  const content = selectFrom(node.database, node.table.name, previewRows);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'sql', content }));
  return content;
}

/** Shows in the buckets where a table's data lies. */
export async function showTableData(services: Services, values: NodeArguments): Promise<string | undefined> {
  const { node } = await nodeFor(services, 'catalog', values, l10n.t('Show the data of which table?'), isTable);
  const place = parseUri(node.table.location ?? '');
  if (!place) {
    throw new UserError('table.elsewhere', l10n.t('The data of {0} do not lie in a bucket.', node.table.name), { why: node.table.location ?? '', next: l10n.t('It is a source that a connection leads to, or a view.') });
  }
  return reveal(services, bucketTreePath(place.bucket, place.key === '' || place.key.endsWith('/') ? place.key : `${place.key}/`));
}

/** Copies the name of a database, table or column as SQL has it: `database.table`. */
export async function copyName(services: Services, values: NodeArguments): Promise<string> {
  const { node } = await nodeFor(services, 'catalog', values, l10n.t('Copy which name?'), isNamed);
  const text = nameOf(node);
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(l10n.t('Copied: {0}', text), 3000);
  return text;
}

function nameOf(node: Extract<CatalogNode, DatabaseNode | TableNode | ColumnNode>): string {
  return node.kind === 'database' ? node.database : node.kind === 'table' ? `${node.database}.${node.table.name}` : node.column.name;
}

/** Runs SQL on Athena: what was given, what is selected, the statement that the cursor is in, or what is typed when no SQL is open. */
export async function runSql(services: Services, values: { readonly sql?: string }): Promise<QueryResult> {
  const sql = values.sql ?? inEditor(vscode.window.activeTextEditor) ?? (await typed());
  if (!sql?.trim()) {
    throw new UserError('sql.none', l10n.t('There is no SQL to run.'), { next: l10n.t('Open a file of SQL and put the cursor into a statement, or choose "Write SELECT for a Table…".') });
  }
  // Athena takes one statement, without the semicolon.
  const [only, second] = statements(sql);
  if (second) {
    throw new UserError('sql.several', l10n.t('Athena runs one statement at a time.'), { next: l10n.t('Select one of them, or use the link above it.') });
  }
  return query(services, only?.text ?? sql, { name: l10n.t('Athena result') });
}

/** The selection or, in a document of SQL, the statement at the cursor. Other documents have no statement. */
function inEditor(editor: vscode.TextEditor | undefined): string | undefined {
  if (editor && !editor.selection.isEmpty) {
    return editor.document.getText(editor.selection);
  }
  return editor?.document.languageId === 'sql' ? statementAt(editor.document.getText(), editor.document.offsetAt(editor.selection.active)) : undefined;
}

async function typed(): Promise<string> {
  const sql = await vscode.window.showInputBox({ title: l10n.t('Run SQL on Athena'), prompt: l10n.t('One statement. SHOW TABLES tells what there is.'), value: 'SHOW TABLES', ignoreFocusOut: true });
  if (sql === undefined) {
    throw cancelled();
  }
  return sql;
}

async function query(services: Services, sql: string, { database, name }: { readonly database?: string; readonly name: string }): Promise<QueryResult> {
  const names = await tutorialNames(services);
  const format = formatterFor(vscode.env.language);
  const result = await withProgress(l10n.t('Lake Tutorial: Athena'), (report, signal) => {
    report(l10n.t('Asking Athena…'));
    return services.model.use((connection) => runQuery(connection, sql, {
      database: database ?? names.lakeDatabase, workGroup: workGroupName({ names }), signal, maxRows: resultRows, onProgress: (state) => report(state.toLowerCase()),
    }), signal);
  });
  services.log.info(`query ${result.queryId}: ${result.rows.length} rows, ${result.scannedBytes} bytes, ${result.ms} ms`);
  const known = [l10n.t('{0} read', format.bytes(result.scannedBytes)), format.duration(result.ms)];
  const facts = [
    result.rows.length === 1 ? l10n.t('1 row') : result.truncated ? l10n.t('the first {0} rows', format.count(result.rows.length)) : l10n.t('{0} rows', format.count(result.rows.length)),
    ...known,
  ].join(' · ');
  const asText = (): Promise<unknown> => services.documents.show(`athena/${name}`, [sql.trim(), '', facts, '', tableText(result.columns, result.rows)].join('\n'));
  // What only does something has no columns.
  if (showsText() || result.columns.length === 0) {
    await asText();
    return result;
  }
  const { queryId, columns } = result;
  let { next } = result;
  await showRows(services, {
    title: name, name: name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^-+|-+$/g, ''), columns, rows: result.rows, facts: [...known, sql.trim().replace(/\s+/g, ' ')], asText, asked: { command: 'lakeTutorial.runSql', values: { sql } },
    ...(next !== undefined && {
      more: (signal) => services.model.use(async (connection) => {
        const page = await nextRows(connection.withSignal(signal), queryId, next ?? '', columns.length);
        next = page.next;
        return { rows: page.rows, done: next === undefined };
      }, signal),
    }),
  });
  return result;
}
