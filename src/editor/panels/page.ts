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
});

/** The page of a panel. */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri, title: string): string {
  const at = (name: string): string => String(webview.asWebviewUri(vscode.Uri.joinPath(pageFolder(extensionUri), name)));
  return pageDocument({ title, language: vscode.env.language, texts: texts(), nonce: randomBytes(18).toString('base64url'), script: at('main.js'), style: at('main.css') });
}
