import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { escapeXml } from '../../xml.ts';
import type { PageTexts } from '../../webviews/protocol.ts';

/** Where a panel's page may load from. */
export const pageFolder = (extensionUri: vscode.Uri): vscode.Uri => vscode.Uri.joinPath(extensionUri, 'dist', 'webviews');

/** The texts of a page's own buttons. */
const texts = (): PageTexts => ({
  fit: l10n.t('Fit'), zoomIn: l10n.t('Zoom in (+)'), zoomOut: l10n.t('Zoom out (−)'), actual: l10n.t('Actual size (1)'), asTable: l10n.t('Show as Table'), export: l10n.t('Export'),
  exportSvg: l10n.t('Save as SVG…'), exportPng: l10n.t('Save as PNG…'), close: l10n.t('Close'), actions: l10n.t('What can be done'), drawing: l10n.t('Drawing'), loading: l10n.t('Looking at the account…'),
  help: l10n.t('Tab goes to a thing, the arrow keys from one to the next, Enter opens it. Plus and minus zoom, 0 shows all.'),
});

/** The page of a panel: it loads one script and one style of ours, and nothing else may be loaded, run or asked for. */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri, title: string): string {
  const nonce = randomBytes(18).toString('base64url');
  const at = (name: string): string => escapeXml(String(webview.asWebviewUri(vscode.Uri.joinPath(pageFolder(extensionUri), name))));
  // A picture is turned into a PNG by way of an image.
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return [
    '<!DOCTYPE html>',
    `<html lang="${escapeXml(vscode.env.language)}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeXml(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeXml(title)}</title>`,
    `<link rel="stylesheet" nonce="${nonce}" href="${at('main.css')}">`,
    '</head>',
    `<body data-texts="${escapeXml(JSON.stringify(texts()))}">`,
    `<script nonce="${nonce}" src="${at('main.js')}"></script>`,
    '</body>',
    '</html>',
  ].join('\n');
}
