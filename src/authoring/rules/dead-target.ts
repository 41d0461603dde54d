import * as l10n from '@vscode/l10n';

import { plainText } from '../tutorial.ts';
import type { RawFinding, Rule } from '../rule.ts';

const TARGET = /(?<image>!?)\[[^\]\n]{0,500}\]\((?<target><[^>\n]{1,500}>|[^()\s]{1,500}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?)(?:\s+["'][^\n]{0,200}["'])?\)|<(?:img|a)\s[^>]{0,500}?(?:src|href)=["'](?<html>[^"'\n]{1,500})["']/g;

/** A picture or page of the tutorial's own folder that is not there, or a heading that the text does not have. */
export const deadTarget: Rule = {
  id: 'dead-target',
  level: 'warning',
  title: () => l10n.t('A link or picture that leads nowhere'),
  check: (document, { exists }) => {
    const targets = document.each('targets', ({ text, code }) => (/\]\(|<img|<a\s/.test(text) ? [...text.matchAll(TARGET)].flatMap((match) => {
      const target = (match.groups?.['target'] ?? match.groups?.['html'] ?? '').replace(/^<|>$/g, '');
      const start = match.index + match[0].indexOf(target, match.groups?.['target'] === undefined ? 0 : match[0].indexOf(']('));
      return code.slice(start, start + 3).trim() === '' && isLocal(target) ? [{ start, end: start + target.length, target }] : [];
    }) : []));
    return (exists ? targets : targets.filter(({ target }) => target.startsWith('#'))).flatMap(({ start, end, target }): RawFinding[] => {
      const [path = '', hash] = target.split('#');
      if (path === '') return hash && !anchors(document.text).has(squash(decode(hash))) ? [{ start, end, message: l10n.t('The text has no heading for this link: {0}', target) }] : [];
      const file = decode(path.split('?')[0] ?? '');
      return exists && file !== '' && !exists(file) ? [{ start, end, message: l10n.t('There is no such file beside this text: {0}', file) }] : [];
    });
  },
};

const isLocal = (target: string): boolean => target !== '' && !/^[a-z][a-z\d+.-]*:|^\/|^\\|[{}<>]|^#?$|^~/i.test(target);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// Sites differ in what they do with signs and accents: letters and digits are what they agree on.
const squash = (text: string): string => text.normalize('NFD').toLowerCase().replace(/[^\p{L}\d]/gu, '').replace(/[\u0300-\u036f]/g, '');

let last: { readonly text: string; readonly anchors: ReadonlySet<string> } | undefined;
function anchors(text: string): ReadonlySet<string> {
  if (last?.text !== text) {
    const found = new Set<string>(['top', '']);
    const seen = new Map<string, number>();
    for (const match of text.matchAll(/^[ \t>]*(?:[-*+]\s+|\d+\.\s+)?#{1,6}[ \t]+([^\r\n]+)|^([^\r\n]+)\r?\n(?:=+|-+)[ \t]*$|<h[1-6][^>]{0,200}>([^]{0,300}?)<\/h/gim)) {
      const key = squash(plainText(match[1] ?? match[2] ?? match[3] ?? ''));
      found.add(key);
      const count = seen.get(key) ?? 0;
      if (count > 0) found.add(`${key}${count}`);
      seen.set(key, count + 1);
      // Emoji written as :name: are part of some sites' anchors.
      found.add(squash((match[1] ?? '').replace(/:[a-z_]+:/g, '')));
    }
    for (const match of text.matchAll(/\b(?:id|name)\s*=\s*["']?([^"'\s>]{1,200})|\{#([\w-]+)\}/gi)) found.add(squash(match[1] ?? match[2] ?? ''));
    last = { text, anchors: found };
  }
  return last.anchors;
}
