import * as l10n from '@vscode/l10n';
import { remembering } from './markdown.ts';
import type { Position, Problem, Range, Tutorial, VariableDeclaration } from './model.ts';
import { compilePattern } from './pattern.ts';

/** Variables that every tutorial has without declaring them. A declaration of the same name takes their place. */
export const commonVariables: readonly VariableDeclaration[] = [
  { name: 'account-id', from: 'sts', pattern: String.raw`\d{12}` },
  { name: 'region', pattern: String.raw`[a-z]{2,}(-[a-z]+)+-\d+` },
  { name: 'partition', pattern: String.raw`aws(-[a-z]+)*` },
  { name: 'bucket' },
];

const NAME = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*';
const WHOLE_NAME = new RegExp(`^${NAME}$`);
const PLACEHOLDER = new RegExp(`(?<!<)<(${NAME})>(?!>)`, 'g');

/** Nothing that a pattern describes is longer than this. */
const LONGEST_VALUE = 2048;

export interface Placeholder {
  readonly name: string;
  /** Offsets of the placeholder with its brackets. */
  readonly start: number;
  readonly end: number;
}

/** True for lower case words joined by hyphens: `account-id`. */
export function isVariableName(name: string): boolean {
  return WHOLE_NAME.test(name);
}

/** The placeholders of the canonical form `<kebab-name>` in code. XML and HTML tags look the same: compare the names with what is declared. */
export function findPlaceholders(text: string): Placeholder[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => ({
    name: match[1] ?? '',
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Puts values in the place of `<name>`. A name without a value stays as it is. */
export function substitute(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(PLACEHOLDER, (placeholder, name: string) => (Object.hasOwn(values, name) ? values[name] ?? placeholder : placeholder));
}

/** A declared pattern, which must match a value as a whole; throws SyntaxError, with words for people, when it is none. */
export const patternOf = remembering(compilePattern);

export interface ResolvedVariables {
  /** Given values and, for the others, defaults. A variable with neither is not in it. */
  readonly values: Readonly<Record<string, string>>;
  /** `variable-unknown` (a name that nobody declares) and `variable-value` (a value that does not match its pattern); such values are left out. */
  readonly problems: readonly Problem[];
}

/**
 * The values of a tutorial's variables. What has to be looked up (`from: sts`) is the caller's: it gives the value as
 * any other. A problem points at the variable's declaration, or at the start of the text when there is none.
 */
export function resolveVariables(tutorial: Tutorial, given: Readonly<Record<string, string>>): ResolvedVariables {
  const declarations = new Map([...commonVariables, ...tutorial.variables].map((variable) => [variable.name, variable]));
  const values = new Map<string, string>();
  const problems: Problem[] = [];
  const report = (code: string, range: Range | undefined, message: string): void => {
    problems.push({ code, severity: 'error', message, range: range ?? START });
  };
  for (const name of Object.keys(given)) {
    if (declarations.has(name)) continue;
    report('variable-unknown', undefined,
      l10n.t('The tutorial has no variable of this name. It has {0}. The name given: {1}', [...declarations.keys()].join(', '), name));
  }
  for (const variable of declarations.values()) {
    const value = Object.hasOwn(given, variable.name) ? given[variable.name] : variable.default;
    if (value === undefined) continue;
    if (matchesPattern(variable, value)) values.set(variable.name, value);
    else {
      report('variable-value', variable.range,
        l10n.t('The value of "{0}" must match {1}, but it is: {2}', variable.name, variable.pattern ?? '', value.slice(0, 100)));
    }
  }
  return { values: Object.fromEntries(values), problems };
}

/** True when the value fits the declared pattern. A pattern that is itself broken was reported by the parser and holds nothing up. */
export function matchesPattern(variable: VariableDeclaration, value: string): boolean {
  if (variable.pattern === undefined) return true;
  if (value.length > LONGEST_VALUE) return false;
  try {
    return patternOf(variable.pattern).test(value);
  } catch {
    return true;
  }
}

const START_POSITION: Position = { line: 1, column: 1, offset: 0 };
const START: Range = { start: START_POSITION, end: START_POSITION };
