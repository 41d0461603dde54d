/**
 * Every id that the editor part is known by, but for the commands' (commands/). The manifest is generated from this module, and the
 * extension registers from it. No `vscode` here: scripts read it.
 */

/** The category that every command is listed under. */
export const category = 'Lake Tutorial';

/** The trees of the sidebar, in their order. */
export const trees = [
  { id: 'steps', title: 'Steps' },
  { id: 'buckets', title: 'Buckets' },
  { id: 'catalog', title: 'Catalog' },
  { id: 'workflows', title: 'Workflows' },
] as const;

export type TreeId = (typeof trees)[number]['id'];

/** The view container's id, and its views'. */
export const containerId = 'lakeTutorial';
export const viewId = (tree: TreeId): `lakeTutorial.${TreeId}` => `lakeTutorial.${tree}`;

/** The context key that says why a tree is empty: one of `treeStates`, or `ok`. */
export const treeStateKey = (tree: TreeId): string => `lakeTutorial.${tree}.state`;
export const treeStates = ['untrusted', 'disconnected', 'stopped', 'denied', 'empty'] as const;
export type TreeState = (typeof treeStates)[number] | 'ok';
/** The states that a tree can be in. The steps can be read, though nothing may be asked of AWS. */
export const statesOf = (tree: TreeId): readonly (typeof treeStates)[number][] => (tree === 'steps' ? ['disconnected', 'stopped', 'empty'] : treeStates);

/** The IAM action that a tree needs to list its roots; the steps are listed without any. */
export const rootAction: Readonly<Record<Exclude<TreeId, 'steps'>, string>> = { buckets: 's3:ListAllMyBuckets', catalog: 'glue:GetDatabases', workflows: 'glue:ListWorkflows' };

/** The URI scheme of the virtual documents that show previews, results and logs. */
export const documentScheme = 'lake-tutorial';

/**
 * The languages, by VS Code's names, that IAM policies are offered in. Opening such a file wakes the extension, which loads
 * no more than a few small files for it.
 */
export const policyLanguages = [
  'json', 'jsonc', 'markdown', 'yaml', 'terraform', 'terraform-vars', 'opentofu', 'hcl', 'typescript', 'typescriptreact', 'javascript', 'javascriptreact', 'python',
] as const;

/** The walkthrough's id within the extension. */
export const walkthroughId = 'dataLake';

/** Publisher and name, as the editor names the extension. */
export const extensionId = 'lake-tutorial.lake-tutorial';

/** The context key that is true while a step's resources are all there. */
export const contextKey = (step: string): string => `lakeTutorial.done.${step}`;

/** The command that provisions one step and what it needs. */
export const provisionCommand = (step: string): string => `lakeTutorial.provision.${step}`;

/** The section that every setting is under. */
export const settingsSection = 'lakeTutorial';

/**
 * The settings. Those that say where requests go and which programs run have machine scope and are in `restrictedConfigurations`: a
 * workspace must not be able to redirect signed requests or to name the program that is run. What concerns texts alone may be a workspace's.
 */
export const settings = {
  /** `sandbox` (default) or `aws`. */
  target: 'lakeTutorial.target',
  /** A profile of the AWS configuration files; empty for the usual credential chain. */
  profile: 'lakeTutorial.profile',
  /** Default `us-east-2`. */
  region: 'lakeTutorial.region',
  /** Any AWS-compatible endpoint; empty for AWS itself. */
  endpoint: 'lakeTutorial.endpoint',
  /** Object of strings: the tutorial's variables. */
  variables: 'lakeTutorial.variables',
  /** Where the sandbox keeps its state; empty for its home. */
  stateFolder: 'lakeTutorial.sandbox.stateFolder',
  /** The Python that the sandbox's environment is made with; empty to look for one. */
  python: 'lakeTutorial.sandbox.python',
  /** A Spark Connect server for the sandbox's jobs; empty for its own engine. */
  sparkRemote: 'lakeTutorial.sandbox.sparkRemote',
  /** `grid` (default) or `text`: how rows are shown. */
  rowsAs: 'lakeTutorial.rowsAs',
  /** Path of the tutorial that everything works on. A workspace may name one: it redirects no request, and provisions nothing by itself. Empty for the built-in tutorial. */
  tutorial: 'lakeTutorial.tutorial',
  /** Globs of Markdown files that are lake tutorials without saying so. */
  tutorials: 'lakeTutorial.authoring.files',
  /** Levels of authoring's rules, by their ids. */
  rules: 'lakeTutorial.authoring.rules',
} as const;

/** A panel's type, by which a window that is opened again finds who can fill it. */
export const panelType = (kind: string): string => `lakeTutorial.${kind}`;
