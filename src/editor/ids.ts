/**
 * Every id the editor part is known by. The manifest's lists are generated from this module and the extension
 * registers from it, so a command cannot be declared and not be there, or the reverse. No `vscode` here: scripts read it.
 */

/** Commands that change an account or start programs wait until the workspace is trusted. */
const trusted = 'isWorkspaceTrusted';

/** The category that every command is listed under. */
export const category = 'Lake Tutorial';

/** What a command is declared with. */
export interface CommandDeclaration {
  readonly id: string;
  readonly title: string;
  readonly titleEs: string;
  readonly enablement?: string;
  /** A product icon's name, written `$(name)`. */
  readonly icon?: string;
  /** Steps of the tutorial whose page in the walkthrough has a button for it. */
  readonly steps?: readonly string[];
  /** Where a tree offers it. */
  readonly sidebar?: SidebarPlacement;
}

/** Where a command is offered in the sidebar. */
export interface SidebarPlacement {
  /** The trees that have it. */
  readonly trees: readonly TreeId[];
  /** What its node's context (`viewItem`) must be; none for what concerns a whole tree. */
  readonly nodes?: readonly string[];
  /** Beside the node's name, before others of a higher number; at most two a node. */
  readonly inline?: number;
  /** Those of its nodes that have it there, where not all do. */
  readonly inlineNodes?: readonly string[];
  /** Its place in the node's menu: group and order. */
  readonly menu?: string;
  /** Its place in the title of the view. */
  readonly title?: string;
  /** False for what is about one node and could not sensibly ask for it: hidden from the palette. */
  readonly asks?: false;
  /** The key that does it while the tree has the focus. */
  readonly key?: { readonly key: string; readonly mac?: string };
}

/** The trees of the sidebar, in their order. */
export const trees = [
  { id: 'buckets', title: 'Buckets', titleEs: 'Buckets' },
  { id: 'catalog', title: 'Catalog', titleEs: 'Catálogo' },
  { id: 'workflows', title: 'Workflows', titleEs: 'Flujos' },
] as const;

export type TreeId = (typeof trees)[number]['id'];

/** The view container's id, and its views'. */
export const containerId = 'lakeTutorial';
export const viewId = (tree: TreeId): `lakeTutorial.${TreeId}` => `lakeTutorial.${tree}`;

/** The context key that says why a tree is empty: one of `treeStates`, or `ok`. */
export const treeStateKey = (tree: TreeId): string => `lakeTutorial.${tree}.state`;
export const treeStates = ['untrusted', 'disconnected', 'stopped', 'denied', 'empty'] as const;
export type TreeState = (typeof treeStates)[number] | 'ok';

/** The IAM action without which a tree has not even roots. */
export const rootAction: Readonly<Record<TreeId, string>> = { buckets: 's3:ListAllMyBuckets', catalog: 'glue:GetDatabases', workflows: 'glue:ListWorkflows' };

/** What shows previews, results and logs: documents that are nowhere on disk. */
export const documentScheme = 'lake-tutorial';

const everywhere: readonly TreeId[] = ['buckets', 'catalog', 'workflows'];
const inBuckets: readonly TreeId[] = ['buckets'];
const inCatalog: readonly TreeId[] = ['catalog'];
const inWorkflows: readonly TreeId[] = ['workflows'];
const zones = ['zone', 'zone.uncounted'];
const containers = ['bucket', ...zones, 'folder'];

/** The commands, apart from one `provisionCommand` for each step that provisions something. */
export const commands = [
  { id: 'lakeTutorial.openWalkthrough', title: 'Open Walkthrough', titleEs: 'Abrir el recorrido', icon: '$(book)' },
  { id: 'lakeTutorial.readStep', title: 'Read a Step…', titleEs: 'Leer un paso…', icon: '$(open-preview)' },
  { id: 'lakeTutorial.connect', title: 'Connect…', titleEs: 'Conectar…', enablement: trusted, icon: '$(plug)' },
  { id: 'lakeTutorial.signInAsAdmin', title: 'Sign In as the Data Lake Administrator…', titleEs: 'Iniciar sesión como administrador del data lake…', enablement: trusted, icon: '$(key)' },
  { id: 'lakeTutorial.showPlan', title: 'Show Plan and Cost', titleEs: 'Mostrar el plan y su costo', enablement: trusted, icon: '$(list-unordered)' },
  { id: 'lakeTutorial.provisionAll', title: 'Provision Everything', titleEs: 'Aprovisionar todo', enablement: trusted, icon: '$(cloud-upload)' },
  { id: 'lakeTutorial.verifyAll', title: 'Verify All Steps', titleEs: 'Verificar todos los pasos', enablement: trusted, icon: '$(checklist)' },
  { id: 'lakeTutorial.verifyStep', title: 'Verify Step…', titleEs: 'Verificar un paso…', enablement: trusted, icon: '$(check)' },
  { id: 'lakeTutorial.removeStep', title: 'Remove Step…', titleEs: 'Eliminar un paso…', enablement: trusted, icon: '$(trash)' },
  { id: 'lakeTutorial.tearDown', title: 'Tear Down Everything…', titleEs: 'Desmontar todo…', enablement: trusted, icon: '$(trash)' },
  { id: 'lakeTutorial.openConsole', title: 'Open in the AWS Console…', titleEs: 'Abrir en la consola de AWS…', enablement: trusted, icon: '$(link-external)' },
  { id: 'lakeTutorial.insertPolicy', title: 'Insert IAM Policy…', titleEs: 'Insertar una política de IAM…', icon: '$(shield)' },
  { id: 'lakeTutorial.copyPolicy', title: 'Copy IAM Policy…', titleEs: 'Copiar una política de IAM…', icon: '$(copy)' },
  { id: 'lakeTutorial.showPermissions', title: 'Show the Permissions I Need…', titleEs: 'Mostrar los permisos que necesito…', icon: '$(shield)' },
  { id: 'lakeTutorial.showLog', title: 'Show Log', titleEs: 'Mostrar el registro', icon: '$(output)' },
  { id: 'lakeTutorial.startSandbox', title: 'Start Sandbox', titleEs: 'Iniciar el sandbox', enablement: trusted, icon: '$(debug-start)' },
  { id: 'lakeTutorial.stopSandbox', title: 'Stop Sandbox', titleEs: 'Detener el sandbox', enablement: trusted, icon: '$(debug-stop)' },
  { id: 'lakeTutorial.sandboxStatus', title: 'Show Sandbox Status', titleEs: 'Mostrar el estado del sandbox', enablement: trusted, icon: '$(info)' },
  { id: 'lakeTutorial.insertRows', title: 'Insert Rows Now…', titleEs: 'Insertar filas ahora…', enablement: trusted, icon: '$(add)', steps: ['rows'] },
  { id: 'lakeTutorial.tickSandbox', title: 'Push the Sandbox\'s Time Forward…', titleEs: 'Adelantar el tiempo del sandbox…', enablement: trusted, icon: '$(debug-continue)', steps: ['rows'] },
  { id: 'lakeTutorial.resetSandbox', title: 'Reset Sandbox…', titleEs: 'Restablecer el sandbox…', enablement: trusted, icon: '$(discard)' },
  { id: 'lakeTutorial.revealStep', title: 'Show a Step in the Sidebar…', titleEs: 'Mostrar un paso en la barra lateral…', enablement: trusted, icon: '$(list-tree)' },
  { id: 'lakeTutorial.runWorkflow', title: 'Run Workflow', titleEs: 'Ejecutar el flujo de trabajo', enablement: trusted, icon: '$(run-all)', steps: ['ingest', 'refine', 'aggregate'] },
  { id: 'lakeTutorial.showGold', title: 'Show Gold', titleEs: 'Mostrar gold', enablement: trusted, icon: '$(graph)', steps: ['visualize'] },
  { id: 'lakeTutorial.runSql', title: 'Run SQL on Athena', titleEs: 'Ejecutar SQL en Athena', enablement: trusted, icon: '$(play)', steps: ['visualize'] },

  { id: 'lakeTutorial.refreshTree', title: 'Refresh', titleEs: 'Actualizar', enablement: trusted, icon: '$(refresh)', sidebar: { trees: everywhere, title: 'navigation@9' } },
  { id: 'lakeTutorial.refreshNode', title: 'Refresh', titleEs: 'Actualizar', enablement: trusted, icon: '$(refresh)', sidebar: { trees: everywhere, nodes: [...containers, 'database', 'table', 'grants', 'location', 'partitions', 'workflow', 'run.going', 'run.ended'], menu: '8_refresh@1', asks: false } },
  { id: 'lakeTutorial.retryNode', title: 'Try Again', titleEs: 'Volver a intentarlo', enablement: trusted, icon: '$(refresh)', sidebar: { trees: everywhere, nodes: ['error'], inline: 1, menu: '1_open@1', asks: false } },
  { id: 'lakeTutorial.loadMore', title: 'Load More', titleEs: 'Cargar más', enablement: trusted, icon: '$(ellipsis)', sidebar: { trees: everywhere, nodes: ['more'], menu: '1_open@1', asks: false } },
  { id: 'lakeTutorial.cancelNode', title: 'Cancel', titleEs: 'Cancelar', enablement: trusted, icon: '$(close)', sidebar: { trees: everywhere, nodes: ['waiting'], inline: 1, menu: '1_open@1', asks: false } },

  { id: 'lakeTutorial.previewObject', title: 'Preview Object…', titleEs: 'Vista previa de un objeto…', enablement: trusted, icon: '$(open-preview)', sidebar: { trees: inBuckets, nodes: ['object'], inline: 1, menu: '1_open@1', key: { key: 'ctrl+enter', mac: 'cmd+enter' } } },
  { id: 'lakeTutorial.searchObjects', title: 'Search Objects by Prefix…', titleEs: 'Buscar objetos por prefijo…', enablement: trusted, icon: '$(search)', sidebar: { trees: inBuckets, nodes: containers, inline: 2, inlineNodes: ['bucket', 'zone', 'folder'], menu: '1_open@2', title: 'navigation@1' } },
  { id: 'lakeTutorial.downloadObject', title: 'Download Object…', titleEs: 'Descargar un objeto…', enablement: trusted, icon: '$(cloud-download)', sidebar: { trees: inBuckets, nodes: ['object'], inline: 2, menu: '2_transfer@1' } },
  { id: 'lakeTutorial.uploadFiles', title: 'Upload Files…', titleEs: 'Subir archivos…', enablement: trusted, icon: '$(cloud-upload)', sidebar: { trees: inBuckets, nodes: containers, inline: 1, menu: '2_transfer@2' } },
  { id: 'lakeTutorial.countObjects', title: 'Count Objects…', titleEs: 'Contar objetos…', enablement: trusted, icon: '$(symbol-number)', sidebar: { trees: inBuckets, nodes: containers, inline: 2, inlineNodes: ['zone.uncounted'], menu: '3_facts@1' } },
  { id: 'lakeTutorial.showLifecycle', title: 'Which Lifecycle Rule Applies…', titleEs: 'Qué regla de ciclo de vida se aplica…', enablement: trusted, icon: '$(history)', sidebar: { trees: inBuckets, nodes: [...containers, 'object'], menu: '3_facts@2' } },
  { id: 'lakeTutorial.copyUri', title: 'Copy S3 URI…', titleEs: 'Copiar el URI de S3…', enablement: trusted, icon: '$(copy)', sidebar: { trees: inBuckets, nodes: [...containers, 'object'], menu: '5_copy@1', key: { key: 'ctrl+c', mac: 'cmd+c' } } },
  { id: 'lakeTutorial.copyArn', title: 'Copy ARN…', titleEs: 'Copiar el ARN…', enablement: trusted, icon: '$(copy)', sidebar: { trees: inBuckets, nodes: [...containers, 'object'], menu: '5_copy@2' } },
  { id: 'lakeTutorial.copyPath', title: 'Copy Path in the Bucket…', titleEs: 'Copiar la ruta en el bucket…', enablement: trusted, icon: '$(copy)', sidebar: { trees: inBuckets, nodes: [...zones, 'folder', 'object'], menu: '5_copy@3' } },
  { id: 'lakeTutorial.deleteObjects', title: 'Delete Objects…', titleEs: 'Eliminar objetos…', enablement: trusted, icon: '$(trash)', sidebar: { trees: inBuckets, nodes: ['folder', 'object'], menu: '9_delete@1', key: { key: 'delete', mac: 'cmd+backspace' } } },

  { id: 'lakeTutorial.previewTable', title: 'Preview Rows of a Table…', titleEs: 'Vista previa de las filas de una tabla…', enablement: trusted, icon: '$(open-preview)', sidebar: { trees: inCatalog, nodes: ['table'], inline: 1, menu: '1_open@1', key: { key: 'ctrl+enter', mac: 'cmd+enter' } } },
  { id: 'lakeTutorial.selectFromTable', title: 'Write SELECT for a Table…', titleEs: 'Escribir un SELECT para una tabla…', enablement: trusted, icon: '$(edit)', sidebar: { trees: inCatalog, nodes: ['table'], inline: 2, menu: '1_open@2' } },
  { id: 'lakeTutorial.showTableData', title: 'Show a Table\'s Data in Buckets…', titleEs: 'Mostrar los datos de una tabla en Buckets…', enablement: trusted, icon: '$(archive)', sidebar: { trees: inCatalog, nodes: ['table'], menu: '1_open@3' } },
  { id: 'lakeTutorial.copyName', title: 'Copy Name in the Catalog…', titleEs: 'Copiar un nombre del catálogo…', enablement: trusted, icon: '$(copy)', sidebar: { trees: inCatalog, nodes: ['database', 'table', 'column'], menu: '5_copy@1', key: { key: 'ctrl+c', mac: 'cmd+c' } } },

  { id: 'lakeTutorial.startWorkflow', title: 'Start Workflow…', titleEs: 'Iniciar un flujo de trabajo…', enablement: trusted, icon: '$(play)', sidebar: { trees: inWorkflows, nodes: ['workflow'], inline: 1, menu: '1_open@1' } },
  { id: 'lakeTutorial.stopRun', title: 'Stop Run…', titleEs: 'Detener una ejecución…', enablement: trusted, icon: '$(debug-stop)', sidebar: { trees: inWorkflows, nodes: ['run.going'], inline: 1, menu: '1_open@1' } },
  { id: 'lakeTutorial.runAgain', title: 'Run Again…', titleEs: 'Volver a ejecutar…', enablement: trusted, icon: '$(debug-rerun)', sidebar: { trees: inWorkflows, nodes: ['run.ended'], inline: 1, menu: '1_open@1' } },
  { id: 'lakeTutorial.openLog', title: 'Open Log of a Job or Crawler…', titleEs: 'Abrir el registro de un job o crawler…', enablement: trusted, icon: '$(output)', sidebar: { trees: inWorkflows, nodes: ['step.tried', 'attempt'], inline: 1, menu: '1_open@2', key: { key: 'ctrl+enter', mac: 'cmd+enter' } } },
  { id: 'lakeTutorial.turnScheduleOn', title: 'Turn Schedule On…', titleEs: 'Activar la programación…', enablement: trusted, icon: '$(debug-start)', sidebar: { trees: inWorkflows, nodes: ['schedule.off'], inline: 1, menu: '1_open@1' } },
  { id: 'lakeTutorial.turnScheduleOff', title: 'Turn Schedule Off…', titleEs: 'Desactivar la programación…', enablement: trusted, icon: '$(debug-pause)', sidebar: { trees: inWorkflows, nodes: ['schedule.on'], inline: 1, menu: '1_open@1' } },
] as const satisfies readonly CommandDeclaration[];

/** The id of a command declared above. */
export type CommandId = (typeof commands)[number]['id'];

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

/** The enablement of every `provisionCommand`. */
export const provisionEnablement = trusted;

/** The section that every setting is under. */
export const settingsSection = 'lakeTutorial';

/**
 * The settings. All have machine scope and are in `restrictedConfigurations`: a workspace must not be able to
 * redirect signed requests or to name the program that is run.
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
} as const;
