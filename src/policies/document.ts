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
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a policy's text depends on. */
export interface PolicyNames {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly bucket: string;
  readonly workflowRole: string;
  readonly passwordParameter: string;
}

export function allow(statements: readonly Omit<Statement, 'Effect'>[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements.map((statement) => ({ ...order(statement) })) };
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
