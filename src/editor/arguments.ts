// What a caller gives a command instead of letting it ask. No `vscode` here: scripts read the commands' declarations.

/** The node of a tree that a menu hands over; trees/tree.ts says more of it. */
export interface GivenNode {
  readonly id: string;
  readonly kind: string;
}

/**
 * Reads `(step?, options?)` or `(options)`, as a walkthrough's button, a key binding, a menu of the sidebar or a test gives them.
 * A value that is not of the type that is asked for counts as not given.
 */
export class GivenArguments {
  private readonly first: unknown;
  private readonly options: Readonly<Record<string, unknown>>;

  constructor(values: readonly unknown[]) {
    this.first = values[0];
    this.options = ((typeof values[0] === 'object' ? values[0] : values[1]) ?? {}) as Record<string, unknown>;
  }

  /** The id of a step: alone, as the walkthrough's buttons give it, of a node of the steps' view, or among the options. */
  get step(): string | undefined {
    return typeof this.first === 'string' ? this.first : isNode(this.first) ? stepOf(this.first) : this.text('step');
  }

  /** The address of a file, as the menus of editors and of the explorer give it, or among the options. */
  get uri(): string | undefined {
    return isUri(this.first) ? this.first.toString() : this.text('uri');
  }

  /** The node that the command was called on. */
  get node(): GivenNode | undefined {
    return isNode(this.first) ? this.first : undefined;
  }

  flag(name: string): boolean {
    return this.options[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.options[name];
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.options[name];
    return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.options[name];
    return typeof value === 'number' ? value : undefined;
  }

  oneOf<T extends string>(name: string, ...values: readonly T[]): T | undefined {
    return values.find((value) => value === this.options[name]);
  }
}

const isNode = (value: unknown): value is GivenNode => typeof value === 'object' && value !== null && typeof (value as GivenNode).id === 'string' && typeof (value as GivenNode).kind === 'string';

interface GivenUri {
  readonly scheme: string;
  toString(): string;
}
const isUri = (value: unknown): value is GivenUri => typeof value === 'object' && value !== null && typeof (value as GivenUri).scheme === 'string' && 'path' in value;

const stepPrefix = 'tutorial-step:';
/** The id of a step's node in the view of the steps. */
export const stepNodeId = (step: string): string => `${stepPrefix}${step}`;
/** The step that such a node, or a node below it, is about. */
const stepOf = ({ id }: GivenNode): string | undefined => (id.startsWith(stepPrefix) ? id.slice(stepPrefix.length).split('#')[0] : undefined);

/** The step that a command is about. */
export interface StepArguments {
  readonly step?: string;
}

/** Agrees to what a command would ask, but for QuickSight's monthly cost. */
export interface ConsentArguments {
  readonly yes: boolean;
}

/** What tells a command of the sidebar which node it works on. */
export interface NodeArguments {
  /** From a menu: the node that it was opened on. */
  readonly node?: GivenNode;
  /** From a key: the node that has the focus. */
  readonly focused: boolean;
  /** The ids on the way to the node. */
  readonly path?: readonly string[];
}

export const nodeArguments = (given: GivenArguments): NodeArguments => ({ node: given.node, focused: given.flag('focused'), path: given.texts('path') });
