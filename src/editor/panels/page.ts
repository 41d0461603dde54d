import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { pageDocument } from '../../webviews/document.ts';
import type { PageTexts } from '../../webviews/protocol.ts';

/** Where a panel's page may load from. */
export const pageFolder = (extensionUri: vscode.Uri): vscode.Uri => vscode.Uri.joinPath(extensionUri, 'dist', 'webviews');

/** The texts of a page's own buttons. */
const texts = (): PageTexts => ({
  fit: l10n.t('Fit'), zoomIn: l10n.t('Zoom in (+)'), zoomOut: l10n.t('Zoom out (−)'), actual: l10n.t('Actual size (1)'), asTable: l10n.t('Show as Table'), export: l10n.t('Export'),
  exportSvg: l10n.t('Save as SVG…'), exportPng: l10n.t('Save as PNG…'), close: l10n.t('Close'), actions: l10n.t('What can be done'), drawing: l10n.t('Drawing'), loading: l10n.t('Looking at the account…'),
  help: l10n.t('Tab goes to a thing, the arrow keys from one to the next, Enter opens it. Plus and minus zoom, 0 shows all.'),
  exportCsv: l10n.t('Save as CSV…'), exportJson: l10n.t('Save as JSON…'), exportMarkdown: l10n.t('Save as Markdown…'), rows: l10n.t('Rows'),
  gridHelp: l10n.t('The arrow keys go from cell to cell, with Shift they select. Enter on a column\'s name sorts by it, Shift and the arrows make it wider or narrower. Ctrl+C copies.'),
  filter: l10n.t('Filter rows'), filterColumn: l10n.t('Column'), filterOperator: l10n.t('Comparison'), filterText: l10n.t('Filter…'), anyColumn: l10n.t('Any column'), clearFilter: l10n.t('Clear the filter'),
  contains: l10n.t('contains'), equals: l10n.t('equals'), greater: l10n.t('is greater than'), less: l10n.t('is less than'), isNull: l10n.t('is NULL'), isNotNull: l10n.t('is not NULL'), isEmpty: l10n.t('is empty'),
});

/** The page of a panel. */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri, title: string, page: 'main' | 'grid'): string {
  const at = (name: string): string => String(webview.asWebviewUri(vscode.Uri.joinPath(pageFolder(extensionUri), name)));
  return pageDocument({ title, language: vscode.env.language, texts: texts(), nonce: randomBytes(18).toString('base64url'), script: at(`${page}.js`), style: at('main.css') });
}
