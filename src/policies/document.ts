/** An IAM policy document, as the tutorial uses them. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** What a policy's text depends on. */
export interface PolicyNames {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly bucket: string;
  readonly workflowRole: string;
  readonly passwordParameter: string;
  readonly lakeDatabase: string;
  /** Begins the names of what the tutorial itself does not name. */
  readonly prefix: string;
}

/** What differs from account to account; unknown, it is written as the tutorial's placeholder. */
export const placeholders = ['account-id', 'region', 'bucket'] as const;
export type PlaceholderName = (typeof placeholders)[number];

// Two characters of Unicode's private use: they are in no policy, and no language's literals escape them.
const [open, close] = ['\uE000', '\uE001'];
const marked = new RegExp(`${open}([a-z-]+)${close}`, 'g');

/** Stands in a document for what is not known, until {@link fillMarks} decides how that is shown. */
export const mark = (name: PlaceholderName): string => `${open}${name}${close}`;

/** Replaces every mark in a text. */
export const fillMarks = (text: string, show: (name: PlaceholderName) => string): string => text.replace(marked, (_, name: PlaceholderName) => show(name));

/** True while something in the text is still to be filled in. */
export const hasMarks = (text: string): boolean => text.includes(open);

/** A policy that allows what its statements say. */
export function allow(statements: readonly Omit<Statement, 'Effect'>[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements.map(order) };
}

// IAM's own examples write Sid, Effect, Principal, Action, Resource, Condition: so does what learners see.
function order({ Sid, Principal, Action, Resource, Condition }: Omit<Statement, 'Effect'>): Statement {
  return {
    ...(Sid && { Sid }),
    Effect: 'Allow',
    ...(Principal && { Principal }),
    Action,
    ...(Resource && { Resource }),
    ...(Condition && { Condition }),
  };
}

/** True when two documents say the same, whatever their spacing, the order of their keys, or a list of one written as its element. */
export function samePolicy(left: unknown, right: unknown): boolean {
  return JSON.stringify(canonical(left)) === JSON.stringify(canonical(right));
}

function canonical(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item));
    if (key === 'Statement') {
      return items;
    }
    return items.length === 1 ? items[0] : items.map((item) => JSON.stringify(item)).sort();
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, item]) => [name, canonical(name === 'Statement' && !Array.isArray(item) ? [item] : item, name)] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return value;
}

const statementsOf = (policy: unknown): unknown[] => {
  const statement = (policy as { readonly Statement?: unknown } | undefined)?.Statement ?? [];
  return Array.isArray(statement) ? statement : [statement];
};

/** True when each of the wanted statements is among those of a policy, which may have others. */
export function includesPolicy(policy: unknown, wanted: PolicyDocument): boolean {
  const present = statementsOf(policy);
  return wanted.Statement.every((statement) => present.some((one) => samePolicy({ Statement: [one] }, { Statement: [statement] })));
}

/** A policy with the wanted statements beside its own. */
export function withStatements(policy: unknown, wanted: PolicyDocument): object {
  return { ...wanted, ...(policy as object | undefined), Statement: [...statementsOf(policy), ...wanted.Statement] };
}

/** Reads a policy as IAM returns it: JSON, percent-encoded. Undefined when it is no JSON. */
export function decodePolicy(text: string | undefined): unknown {
  if (text === undefined) {
    return undefined;
  }
  try {
    return JSON.parse(text.startsWith('%') ? decodeURIComponent(text) : text);
  } catch {
    return undefined;
  }
}
