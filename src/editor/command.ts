import { GivenArguments } from './arguments.ts';
import type { CommandId } from './commandIds.generated.ts';
import { trees, type TreeId } from './ids.ts';
import type { Services } from './services.ts';

// What a command is. Each module of commands/ declares one; scripts/generate.mjs lists them, and the manifest and the registration
// are made from that list. No `vscode` here, nor in those modules: scripts read them.

/** What the manifest says of a command. */
export interface CommandDeclaration {
  /** In English; the other languages are in `l10n/parts/manifest.*.json`. */
  readonly title: string;
  /** A product icon, written `$(name)`. */
  readonly icon?: string;
  /** Without it the command waits until the workspace is trusted, as all must that change an account or start programs. */
  readonly worksUntrusted?: true;
  /** Steps of the tutorial whose page in the walkthrough has a button for it, each with the button's place among such buttons. */
  readonly buttons?: Readonly<Record<string, number>>;
  /** Where the sidebar offers it. */
  readonly sidebar?: SidebarPlacement;
  /** Absent for what stands on its own; the palette has the others only while this holds, or never: they are offered where their node or their button is. */
  readonly palette?: PaletteCondition;
  /** Menus of the editor that have it. */
  readonly menus?: readonly MenuPlacement[];
}

/** When the palette offers a command that does not always stand on its own: a context of the editor's, or never. */
export type PaletteCondition = false | 'editorIsOpen' | 'editorLangId == markdown' | `lakeTutorial.${string}`;

/** Where a command is offered outside of the sidebar. */
export interface MenuPlacement {
  readonly menu: 'editor/title' | 'editor/title/context' | 'editor/context' | 'explorer/context';
  readonly when: string;
  /** Group and order. */
  readonly group: string;
}

/** Where a command is offered in the sidebar. */
export interface SidebarPlacement {
  /** The trees that have it. */
  readonly trees: readonly TreeId[];
  /** The nodes that have it, by their context (`viewItem`); none for what concerns a whole tree. */
  readonly nodes?: readonly string[];
  /** Beside the node's name, before others of a higher number; at most two a node. */
  readonly inline?: number;
  /** Those of its nodes that have it beside the name, where not all do. */
  readonly inlineNodes?: readonly string[];
  /** Its place in the node's menu: group and order. */
  readonly menu?: string;
  /** Its place in the title of the view. */
  readonly title?: string;
  /** The key that calls it while the tree has the focus. */
  readonly key?: { readonly key: string; readonly mac?: string };
}

/** What a module of commands/ declares. */
export interface CommandDefinition<Id extends string, A> extends CommandDeclaration {
  /** `lakeTutorial.` and the name of the module. */
  readonly id: Id;
  /** True when the account, or the choice of it, may be another afterwards: walkthrough and sidebar then look again. The sidebar's own commands refresh what they change. */
  readonly recheckAfter?: true;
  /** Reads what the caller gave instead of letting the command ask. */
  readonly args?: (given: GivenArguments) => A;
  /** Does it. What it takes to do it is loaded only here, by `import()`. */
  readonly run: (services: Services, args: A) => Promise<unknown>;
}

/** A command, ready to be called. */
export interface Command<Id extends string = string> extends CommandDeclaration {
  readonly id: Id;
  readonly recheckAfter: boolean;
  /** Calls it with what VS Code handed over. */
  readonly call: (services: Services, values: readonly unknown[]) => Promise<unknown>;
}

/** Any command: one of commands/, or one that is made for each of several things. */
export function makeCommand<Id extends string, A>({ args, run, recheckAfter = undefined, ...declaration }: CommandDefinition<Id, A>): Command<Id> {
  return { ...declaration, recheckAfter: recheckAfter === true, call: (services, values) => run(services, args?.(new GivenArguments(values)) as A) };
}

/** Declares the command of a module of commands/. */
export const defineCommand = <A>(definition: CommandDefinition<CommandId, A>): Command<CommandId> => makeCommand(definition);

export const everyTree: readonly TreeId[] = trees.map(({ id }) => id);

/** Contexts of the nodes that are a step of the tutorial. */
export const tutorialSteps: readonly string[] = ['tutorialStep.makes', 'tutorialStep.looks', 'tutorialStep.cleanup'];
/** Contexts of the nodes that are a zone of the lake. */
export const zones: readonly string[] = ['zone', 'zone.uncounted'];
/** Contexts of the nodes that hold objects. */
export const containers: readonly string[] = ['bucket', ...zones, 'folder'];
