import { escapeXml } from '../xml.ts';
import type { PageTexts } from './protocol.ts';

export interface PageDocument {
  readonly title: string;
  /** BCP 47. */
  readonly language: string;
  readonly texts: PageTexts;
  /** Said once and to nobody: what has it may run. */
  readonly nonce: string;
  readonly script: string;
  readonly style: string;
}

/** The page of a panel: it loads one script and one style of ours, and nothing else may be loaded, run or asked for. */
export function pageDocument({ title, language, texts, nonce, script, style }: PageDocument): string {
  // A picture is turned into a PNG by way of an image.
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return [
    '<!DOCTYPE html>',
    `<html lang="${escapeXml(language)}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeXml(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeXml(title)}</title>`,
    `<link rel="stylesheet" nonce="${nonce}" href="${escapeXml(style)}">`,
    '</head>',
    `<body data-texts="${escapeXml(JSON.stringify(texts))}">`,
    `<script nonce="${nonce}" src="${escapeXml(script)}"></script>`,
    '</body>',
    '</html>',
  ].join('\n');
}
