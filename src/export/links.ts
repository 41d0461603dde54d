/** A link or picture of Markdown. */
export interface Link {
  readonly kind: 'link' | 'picture';
  /** Text or alternative text, as Markdown. */
  readonly text: string;
  /** As written, without angle brackets. */
  readonly target: string;
}

/** What a link is written as in its new place: another target, or a text in place of the whole. */
export type Rewritten = { readonly target: string } | { readonly text: string } | undefined;

/** Fences to their end or the text's, code in backticks, and comments: what stands there is no link. */
const CODE = /^[ \t>]*(`{3,}|~{3,})[^\n]*(?:\n(?![ \t>]*\1)[^\n]*)*(?:\n[ \t>]*\1[^\n]*)?|(?<!`)(`{1,20})(?!`)(?:(?!\n[ \t]*\n)[^]){0,2000}?[^`]\2(?!`)|<!--[^]{0,2000}?(?:-->|(?![^]))/gm;

const TARGET = String.raw`\(\s*(?:<([^>\n]{0,1000})>|([^()\s]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?))(\s+(?:"[^"\n]{0,500}"|'[^'\n]{0,500}'))?\s*\)`;
const PICTURE = new RegExp(String.raw`!\[([^\]\n]{0,500})\]${TARGET}`, 'g');
const LINK = new RegExp(String.raw`(?<!!)\[((?:[^\[\]]|!?\[[^\[\]]{0,300}\](?:\([^()\s]{0,500}\))?){0,300})\]${TARGET}`, 'g');
const HTML_PICTURE = /<img\b([^>]{0,1000}?)\bsrc\s*=\s*(?:"([^"\n]{0,1000})"|'([^'\n]{0,1000})')([^>]{0,1000})>/gi;
const HTML_LINK = /<a\b[^>]{0,1000}?\bhref\s*=\s*(?:"([^"\n]{0,1000})"|'([^'\n]{0,1000})')[^>]{0,1000}>([^]{0,1000}?)<\/a>/gi;
const DEFINITION = /^ {0,3}\[([^\]\n^][^\]\n]{0,200})\]:[ \t]*(?:<([^>\n]{0,1000})>|(\S{1,1000}))[^\n]*$/gm;
const REFERENCE = /(!?)\[([^[\]\n]{1,500})\](?:\[([^[\]\n]{0,200})\])?(?![([:])/g;

/** The same length, with blanks for code and comments. */
function withoutCode(markdown: string): string {
  return markdown.replace(CODE, (code) => code.replace(/[^\n]/g, ' '));
}

/** Replaces what a pattern finds outside of code. */
function replaceOutside(markdown: string, pattern: RegExp, replace: (match: RegExpMatchArray) => string | undefined): string {
  const visible = withoutCode(markdown);
  let [result, at] = ['', 0];
  for (const found of visible.matchAll(pattern)) {
    const whole = markdown.slice(found.index, found.index + found[0].length);
    // Read again with the code that may stand in it, such as a link whose text is code.
    const match = whole === found[0] ? found : (new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(whole) ?? found);
    const replaced = replace(match);
    if (replaced !== undefined) {
      result += markdown.slice(at, found.index) + replaced;
      at = found.index + whole.length;
    }
  }
  return result + markdown.slice(at);
}

const key = (label: string): string => label.trim().replace(/\s+/g, ' ').toLowerCase();

/** The targets that a text defines for its references, wherever they stand in it. */
export function definitions(markdown: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, label = '', bracketed, bare] of withoutCode(markdown).matchAll(DEFINITION)) {
    if (!found.has(key(label))) {
      found.set(key(label), bracketed ?? bare ?? '');
    }
  }
  return found;
}

/**
 * A part of a text with its links and pictures as `rewrite` wants them; undefined leaves one as it is. References become
 * links with their target, since their definition may stand in another part.
 */
export function rewriteLinks(markdown: string, defined: ReadonlyMap<string, string>, rewrite: (link: Link) => Rewritten): string {
  const put = (found: Link, written: (target: string) => string): string | undefined => {
    const rewritten = rewrite(found);
    return rewritten === undefined ? undefined : 'text' in rewritten ? rewritten.text : written(rewritten.target);
  };
  const target = (path: string): string => (/[\s()]/.test(path) ? `<${path}>` : path);
  let text = replaceOutside(markdown, DEFINITION, () => '');
  text = replaceOutside(text, REFERENCE, ([, mark = '', label = '', reference = '']) => {
    const to = defined.get(key(reference === '' ? label : reference));
    return to === undefined ? undefined : `${mark}[${label}](${target(to)})`;
  });
  // Pictures first: they stand within links.
  text = replaceOutside(text, PICTURE, ([, alt = '', bracketed, bare = '', title = '']) => put({ kind: 'picture', text: alt, target: bracketed ?? bare }, (to) => `![${alt}](${target(to)}${title})`));
  text = replaceOutside(text, HTML_PICTURE, ([whole, before = '', double, single = '', after = '']) => {
    const alt = /\balt\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(whole);
    return put({ kind: 'picture', text: alt?.[1] ?? alt?.[2] ?? '', target: double ?? single }, (to) => `<img${before}src="${to}"${after}>`);
  });
  text = replaceOutside(text, LINK, ([, label = '', bracketed, bare = '', title = '']) => put({ kind: 'link', text: label, target: bracketed ?? bare }, (to) => `[${label}](${target(to)}${title})`));
  return replaceOutside(text, HTML_LINK, ([, double, single = '', label = '']) => put({ kind: 'link', text: label, target: double ?? single }, (to) => `<a href="${to}">${label}</a>`));
}

/** Where a target leads. */
export function kindOfTarget(target: string): 'web' | 'command' | 'anchor' | 'site' | 'local' | 'other' {
  if (/^https?:|^mailto:|^\/\//i.test(target)) return 'web';
  if (/^command:/i.test(target)) return 'command';
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) return 'other';
  if (target.startsWith('#') || target === '') return 'anchor';
  return /^[/\\~]/.test(target) ? 'site' : 'local';
}

/** The path of a local target, as the file system has it. */
export function pathOfTarget(target: string): string {
  const path = target.replace(/[?#][^]*$/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
