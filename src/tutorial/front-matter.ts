import * as l10n from '@vscode/l10n';
import { isMap, isScalar, parseDocument } from 'yaml';
import type { Node as YamlNode, Scalar, YAMLMap } from 'yaml';
import type { Block } from './markdown.ts';
import type { Problem, VariableDeclaration } from './model.ts';
import type { Problems, Source } from './source.ts';
import { isVariableName, matchesPattern, patternOf } from './variables.ts';

/** The only version of the markup so far. */
const VERSION = 1;

/** One slip can make an error of every line below it. */
const MOST_ERRORS = 20;

export interface FrontMatter {
  readonly id?: string;
  readonly title?: string;
  readonly version?: number;
  readonly variables: readonly VariableDeclaration[];
}

/** Reads the front matter. Keys that are not ours belong to other tools and are left alone. */
export function readFrontMatter(blocks: readonly Block[], source: Source, problems: Problems): FrontMatter {
  const block = blocks[0];
  if (block?.type !== 'yaml') {
    reportUnclosed(source, problems);
    return { variables: [] };
  }
  // Not the node's value: that may have other line endings than the source, and offsets must be the source's.
  const { start, end } = block;
  const base = /^[^\r\n]*(?:\r\n|\n|\r)/.exec(source.text.slice(start, end))?.[0].length ?? 0;
  const yaml = source.text.slice(start + base, source.lineStart(end));
  try {
    if (isTooDeep(yaml)) throw new RangeError('Nested too deep');
    return new Reader(yaml, start + base, source, problems).read();
  } catch {
    problems.add('front-matter', 'error', start, source.lineEnd(start), l10n.t('The front matter is nested too deep to be read. Keep it to simple keys and values.'));
    return { variables: [] };
  }
}

/**
 * The YAML parser is recursive, and where the stack ends within a regular expression, V8 ends the process. So what is
 * nested so deep that it is no front matter never gets there.
 */
function isTooDeep(yaml: string): boolean {
  let depth = 0;
  for (const character of yaml) {
    if (character === '[' || character === '{') depth++;
    else if ((character === ']' || character === '}') && depth > 0) depth--;
    if (depth > 50) return true;
  }
  return /^ {200}|(?:[-?:][ \t]+){50}/m.test(yaml);
}

function reportUnclosed(source: Source, problems: Problems): void {
  const opening = /^---[ \t]*(?:\r\n|\n|\r)(?:[ \t]*(?:#.*)?(?:\r\n|\n|\r))*(?:lake|title|vars)[ \t]*:/.exec(source.text.slice(source.start, source.start + 4096));
  if (!opening) return;
  problems.add('front-matter', 'error', source.start, source.lineEnd(source.start),
    l10n.t('The front matter is not closed. End it with a line of three hyphens.'));
}

class Reader {
  constructor(
    private readonly yaml: string,
    private readonly base: number,
    private readonly source: Source,
    private readonly problems: Problems,
  ) {}

  read(): FrontMatter {
    const document = parseDocument(this.yaml, { prettyErrors: false, logLevel: 'silent' });
    for (const error of document.errors.slice(0, MOST_ERRORS)) {
      // An error "at the end" must not point behind the front matter.
      const last = this.yaml.trimEnd().length;
      const start = Math.min(error.pos[0], last);
      this.problems.add('front-matter', this.severity('error'), this.base + start, this.base + Math.max(start, Math.min(error.pos[1], last)),
        l10n.t('The front matter is not valid YAML: {0}', error.message));
    }
    if (!isMap(document.contents)) return { variables: [] };
    const root = document.contents;
    const id = this.readId(root);
    const title = this.readScalar(root, 'title');
    const version = this.readVersion(root);
    return {
      ...(id !== undefined && { id }),
      ...(title !== undefined && { title }),
      ...(version !== undefined && { version }),
      variables: this.readVariables(root),
    };
  }

  private readId(root: YAMLMap): string | undefined {
    const id = this.readScalar(root, 'id');
    // It becomes the value of a tag and part of names.
    if (id === undefined || /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id)) return id;
    this.report('tutorial-id', 'error', entry(root, 'id')?.value,
      l10n.t('A tutorial id has letters, digits, hyphens and dots, no spaces: {0}', id));
    return undefined;
  }

  private readVersion(root: YAMLMap): number | undefined {
    const value = entry(root, 'lake')?.value;
    if (!value) return undefined;
    const version = isScalar(value) ? Number(textOf(value)) : NaN;
    if (version !== VERSION) {
      this.report('version', 'warning', value,
        l10n.t('This version of Lake Tutorial reads "lake: {0}"; other markup may be misread.', String(VERSION)));
    }
    return Number.isFinite(version) ? version : undefined;
  }

  private readVariables(root: YAMLMap): VariableDeclaration[] {
    const value = entry(root, 'vars')?.value;
    if (!value || (isScalar(value) && value.value === null)) return [];
    if (!isMap(value)) {
      this.report('variables', 'error', value, l10n.t('"vars" is a map of variables, such as "vars: { bucket: {} }".'));
      return [];
    }
    const variables: VariableDeclaration[] = [];
    for (const pair of value.items) {
      const key = pair.key as YamlNode | null;
      const name = isScalar(key) ? textOf(key) : '';
      if (!isVariableName(name)) {
        this.report('variable-name', 'error', key ?? value,
          l10n.t('A variable has a name in lower case with hyphens, such as account-id, and not: {0}', name));
      } else if (!variables.some((variable) => variable.name === name)) {
        variables.push(this.readVariable(name, key ?? value, pair.value as YamlNode | null));
      }
    }
    return variables;
  }

  private readVariable(name: string, key: YamlNode, value: YamlNode | null): VariableDeclaration {
    const range = this.source.range(...this.rangeOf(key));
    if (isScalar(value) && value.value !== null) return { name, default: textOf(value), range };
    if (!value || isScalar(value)) return { name, range };
    if (!isMap(value)) {
      this.report('variables', 'error', value, l10n.t('A variable is a map with "from", "default" or "pattern", or its default.'));
      return { name, range };
    }
    for (const pair of value.items) {
      const option = isScalar(pair.key) ? textOf(pair.key) : '';
      if (['from', 'default', 'pattern'].includes(option)) continue;
      this.report('variables', 'warning', (pair.key as YamlNode | null) ?? value,
        l10n.t('A variable has "from", "default" and "pattern", but not this: {0}', option));
    }
    const from = this.readScalar(value, 'from');
    const fallback = this.readScalar(value, 'default');
    const pattern = this.readPattern(value);
    const variable = {
      name,
      ...(from !== undefined && { from }),
      ...(fallback !== undefined && { default: fallback }),
      ...(pattern !== undefined && { pattern }),
      range,
    };
    if (fallback !== undefined && !matchesPattern(variable, fallback)) {
      this.report('variable-value', 'error', entry(value, 'default')?.value,
        l10n.t('The default does not match the pattern {0}: {1}', pattern ?? '', fallback));
    }
    return variable;
  }

  private readPattern(map: YAMLMap): string | undefined {
    const pattern = this.readScalar(map, 'pattern');
    try {
      if (pattern !== undefined) patternOf(pattern);
      return pattern;
    } catch (error) {
      // What is no expression at all is said in V8's words, which nobody has translated.
      const isExpression = error instanceof SyntaxError && !error.message.startsWith('Invalid regular expression');
      this.report('variable-pattern', 'error', entry(map, 'pattern')?.value, isExpression
        ? l10n.t('This pattern cannot be used, because {0}: {1}', error.message, pattern ?? '')
        : l10n.t('This is not a regular expression: {0}', pattern ?? ''));
      return undefined;
    }
  }

  private readScalar(map: YAMLMap, name: string): string | undefined {
    const value = entry(map, name)?.value;
    if (!value || (isScalar(value) && value.value === null)) return undefined;
    if (isScalar(value)) return textOf(value);
    this.report('front-matter', 'error', value, l10n.t('A plain text is expected here as the value of: {0}', name));
    return undefined;
  }

  private rangeOf(node: YamlNode): [number, number] {
    const [start, end] = node.range ?? [0, 0];
    return [this.base + start, this.base + end];
  }

  private report(code: string, severity: Problem['severity'], node: YamlNode | undefined, message: string): void {
    const [start, end] = node ? this.rangeOf(node) : [this.base, this.base];
    this.problems.add(code, this.severity(severity), start, end, message);
  }

  /** Another tool's front matter (a template, say) may be none of our business even when it is broken. */
  private severity(severity: Problem['severity']): Problem['severity'] {
    return /^lake[ \t]*:/m.test(this.yaml) ? severity : 'warning';
  }
}

function entry(map: YAMLMap, name: string): { value: YamlNode } | undefined {
  const pair = map.items.find((item) => isScalar(item.key) && item.key.value === name);
  return pair?.value ? { value: pair.value as YamlNode } : undefined;
}

/** A scalar as written, so that an account id keeps its leading zeros. */
function textOf(scalar: Scalar): string {
  return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? String(scalar.value));
}
