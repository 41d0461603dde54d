import { fillMarks, placeholders, type PlaceholderName } from './document.ts';

/** The languages that a policy can be written in as a literal. */
export type LiteralLanguage = 'json' | 'yaml' | 'hcl' | 'typescript' | 'python';

/**
 * Where in the code the literal stands. A `value` is part of an expression. A `statement` stands alone and needs a name. An `argument` is
 * a value that the code around it already turns into JSON (`jsonencode(…)`). A `list` is a policy's own `Statement`, which takes statements only.
 * Of Terraform's alone: a file's top level takes `locals`, a policy's resource its argument `policy`, and `aws_iam_policy_document` its `blocks`.
 */
export type LiteralPosition = 'value' | 'statement' | 'argument' | 'list' | 'locals' | 'policy' | 'blocks';

type Value = string | readonly Value[] | { readonly [key: string]: Value | undefined };

/**
 * A document as the language writes it, without indentation before its first line and with `indent` for each level below
 * (YAML: two spaces, whatever the editor uses elsewhere). Marks stay in it.
 *
 * @param name the policy's, for a statement that has to name it.
 */
export function policyLiteral(document: object, name: string, language: LiteralLanguage, position: LiteralPosition = 'value', indent = '  '): string {
  // By way of JSON: what is undefined is gone.
  const value = JSON.parse(JSON.stringify(document)) as Value;
  if (position === 'list') {
    const own = (value as { readonly Statement: readonly Value[] }).Statement;
    return language === 'yaml' ? writers.yaml(own, indent) : own.map((each) => writers[language](each, indent)).join(',\n');
  }
  if (position === 'blocks') {
    return (value as { readonly Statement: readonly StatementValue[] }).Statement.map((each) => statementBlock(each, indent)).join('\n\n');
  }
  const text = writers[language](value, indent);
  const wrapped = language === 'hcl' && position !== 'argument' ? `jsonencode(${text})` : text;
  if (position === 'locals') {
    return `locals {\n${`${statements.hcl(words(name), wrapped)}`.replace(/^/gm, indent)}\n}`;
  }
  if (position === 'policy') {
    return `policy = ${wrapped}`;
  }
  return position === 'statement' ? statements[language](words(name), wrapped) : wrapped;
}

type StatementValue = { readonly [key: string]: Value };

/** What a statement's members are called in `aws_iam_policy_document`. */
const arguments_: Readonly<Record<string, string>> = { Sid: 'sid', Effect: 'effect', Action: 'actions', NotAction: 'not_actions', Resource: 'resources', NotResource: 'not_resources' };

/**
 * A statement as a block of Terraform's `aws_iam_policy_document`, where a variable of IAM's is written `&{…}`.
 *
 * Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document, 2026-11-28
 */
function statementBlock(statement: StatementValue, indent: string): string {
  const string = (text: string): string => doubleQuoted(text.replace(/\$(?=\{)/g, '&')).replace(/%(?=\{)/g, '%%');
  const list = (value: Value | undefined): string => {
    const all = [value ?? []].flat() as string[];
    return all.length > 1 ? `[\n${all.map((each) => `${indent}${string(each)},\n`).join('')}]` : `[${all.map(string).join('')}]`;
  };
  const block = (name: string, members: readonly (readonly [string, string])[]): string => {
    // As `terraform fmt` lines them up: neighbours of one line each.
    const isShort = (at: number): boolean => members[at]?.[1].includes('\n') === false;
    const lines = members.map(([key, text], index) => {
      let [first, last] = [index, index];
      while (isShort(index) && isShort(first - 1)) first--;
      while (isShort(index) && isShort(last + 1)) last++;
      return `${key.padEnd(Math.max(...members.slice(first, last + 1).map(([each]) => each.length)))} = ${text}`;
    });
    return `${name} {\n${lines.join('\n').replace(/^/gm, indent)}\n}`;
  };
  const own = Object.entries(arguments_).flatMap(([key, name]): (readonly [string, string])[] => {
    const value = statement[key];
    return value === undefined ? [] : [[name, key === 'Sid' || key === 'Effect' ? string(value as string) : list(value)]];
  });
  const blocks = (['Principal', 'NotPrincipal'] as const).flatMap((key) => {
    const value = statement[key];
    const kinds = typeof value === 'string' ? { [value]: value } : ((value ?? {}) as Record<string, Value>);
    return Object.entries(kinds).map(([type, identifiers]) => block(key === 'Principal' ? 'principals' : 'not_principals', [['type', string(type)], ['identifiers', list(identifiers)]]));
  });
  for (const [test, keys] of Object.entries((statement['Condition'] ?? {}) as Record<string, Record<string, Value>>)) {
    blocks.push(...Object.entries(keys).map(([variable, values]) => block('condition', [['test', string(test)], ['variable', string(variable)], ['values', list(values)]])));
  }
  const [open = '', ...rest] = block('statement', own).split('\n');
  return [open, ...rest.slice(0, -1), ...blocks.flatMap((each) => ['', ...each.replace(/^/gm, indent).split('\n')]), '}'].join('\n');
}

const writers: Readonly<Record<LiteralLanguage, (value: Value, indent: string) => string>> = {
  json: (value, indent) => JSON.stringify(value, undefined, indent),
  yaml: (value) => yaml(value).join('\n'),
  hcl: (value, indent) => nested(value, indent, hcl),
  typescript: (value, indent) => nested(value, indent, { string: singleQuoted, key: (key) => `${isIdentifier(key) ? key : singleQuoted(key)}: `, comma: ',' }),
  python: (value, indent) => nested(value, indent, { string: doubleQuoted, key: (key) => `${doubleQuoted(key)}: `, comma: ',' }),
};

const statements: Readonly<Record<LiteralLanguage, (name: readonly string[], literal: string) => string>> = {
  json: (_, literal) => literal,
  yaml: (_, literal) => literal,
  hcl: (name, literal) => `${name.join('_')} = ${literal}`,
  typescript: ([first = '', ...rest], literal) => `const ${first}${rest.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join('')} = ${literal};`,
  python: (name, literal) => `${name.join('_')} = ${literal}`,
};

/** `LakeFormationSLR`: lake, formation, slr. */
const words = (name: string): string[] => name.split(/(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z\d]+/).map((word) => word.toLowerCase());

const isIdentifier = (key: string): boolean => /^[A-Za-z_]\w*$/.test(key);
const doubleQuoted = (text: string): string => JSON.stringify(text);
const singleQuoted = (text: string): string => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

interface Style {
  readonly string: (text: string) => string;
  /** The key with what stands between it and its value; `width` is that of the longest key that it lines up with. */
  readonly key: (key: string, width: number) => string;
  /** After each member of an object; list items always have a comma. */
  readonly comma: string;
}

const hcl: Style = {
  // A template would begin at these two.
  string: (text) => doubleQuoted(text).replace(/[$%](?=\{)/g, '$&$&'),
  key: (key, width) => `${hclKey(key).padEnd(width)} = `,
  comma: '',
};
const hclKey = (key: string): string => (isIdentifier(key) ? key : doubleQuoted(key));

function nested(value: Value, indent: string, style: Style, before = ''): string {
  const inner = `${before}${indent}`;
  if (typeof value === 'string') {
    return style.string(value);
  }
  if (Array.isArray(value)) {
    return ['[', ...value.map((item: Value) => `${inner}${nested(item, indent, style, inner)},`), `${before}]`].join('\n');
  }
  const entries = Object.entries(value) as [string, Value][];
  return ['{', ...entries.map(([key, item], index) => `${inner}${style.key(key, width(entries, index))}${nested(item, indent, style, inner)}${style.comma}`), `${before}}`].join('\n');
}

/** As `terraform fmt` lines up the equals signs: of neighbours that take one line each. */
function width(entries: readonly (readonly [string, Value])[], index: number): number {
  const isShort = (at: number): boolean => typeof entries[at]?.[1] === 'string';
  if (!isShort(index)) {
    return 0;
  }
  let [first, last] = [index, index];
  while (isShort(first - 1)) first--;
  while (isShort(last + 1)) last++;
  return Math.max(...entries.slice(first, last + 1).map(([key]) => hclKey(key).length));
}

function yaml(value: Value): string[] {
  if (typeof value === 'string') {
    return [yamlString(value)];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item: Value) => yaml(item).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`));
  }
  return Object.entries(value).flatMap(([key, item]) => {
    const lines = yaml(item as Value);
    return typeof item === 'string' ? [`${key}: ${lines[0]}`] : [`${key}:`, ...lines.map((line) => `  ${line}`)];
  });
}

/** Plain where every reader of YAML takes it for this very string; a placeholder's brackets or a version's hyphens need quotes. */
const yamlString = (text: string): string => (/^[A-Za-z][\w:/.@+-]*$/.test(text) && !/:$|^(?:true|false|yes|no|on|off|null|y|n)$/i.test(text) ? text : `'${text.replaceAll("'", "''")}'`);

/** The text with the tutorial's placeholders in the place of marks: `<account-id>`. */
export const withPlaceholders = (text: string): string => fillMarks(text, (name) => `<${name}>`);

/** The text as the body of a snippet: each mark a tab stop that begins as the tutorial's placeholder. */
export function toSnippet(text: string): string {
  const used: PlaceholderName[] = [];
  fillMarks(text, (name) => (used.push(name), ''));
  const order = placeholders.filter((name) => used.includes(name));
  return `${fillMarks(text.replace(/[\\$]/g, '\\$&'), (name) => `\${${order.indexOf(name) + 1}:<${name}>}`)}$0`;
}
