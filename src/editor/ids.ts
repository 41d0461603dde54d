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
}

/** The commands, apart from one `provisionCommand` for each step that provisions something. */
export const commands = [
  { id: 'lakeTutorial.openWalkthrough', title: 'Open Walkthrough', titleEs: 'Abrir el recorrido', icon: '$(book)' },
  { id: 'lakeTutorial.connect', title: 'Connect…', titleEs: 'Conectar…', enablement: trusted, icon: '$(plug)' },
  { id: 'lakeTutorial.signInAsAdmin', title: 'Sign In as the Data Lake Administrator…', titleEs: 'Iniciar sesión como administrador del data lake…', enablement: trusted, icon: '$(key)' },
  { id: 'lakeTutorial.showPlan', title: 'Show Plan and Cost', titleEs: 'Mostrar el plan y su costo', enablement: trusted, icon: '$(list-unordered)' },
  { id: 'lakeTutorial.provisionAll', title: 'Provision Everything', titleEs: 'Aprovisionar todo', enablement: trusted, icon: '$(cloud-upload)' },
  { id: 'lakeTutorial.verifyAll', title: 'Verify All Steps', titleEs: 'Verificar todos los pasos', enablement: trusted, icon: '$(checklist)' },
  { id: 'lakeTutorial.verifyStep', title: 'Verify Step…', titleEs: 'Verificar un paso…', enablement: trusted, icon: '$(check)' },
  { id: 'lakeTutorial.removeStep', title: 'Remove Step…', titleEs: 'Eliminar un paso…', enablement: trusted, icon: '$(trash)' },
  { id: 'lakeTutorial.tearDown', title: 'Tear Down Everything…', titleEs: 'Desmontar todo…', enablement: trusted, icon: '$(trash)' },
  { id: 'lakeTutorial.openConsole', title: 'Open in the AWS Console…', titleEs: 'Abrir en la consola de AWS…', enablement: trusted, icon: '$(link-external)' },
  { id: 'lakeTutorial.showLog', title: 'Show Log', titleEs: 'Mostrar el registro', icon: '$(output)' },
  { id: 'lakeTutorial.startSandbox', title: 'Start Sandbox', titleEs: 'Iniciar el sandbox', enablement: trusted, icon: '$(debug-start)' },
  { id: 'lakeTutorial.stopSandbox', title: 'Stop Sandbox', titleEs: 'Detener el sandbox', enablement: trusted, icon: '$(debug-stop)' },
  { id: 'lakeTutorial.sandboxStatus', title: 'Show Sandbox Status', titleEs: 'Mostrar el estado del sandbox', enablement: trusted, icon: '$(info)' },
  { id: 'lakeTutorial.insertRows', title: 'Insert Rows Now…', titleEs: 'Insertar filas ahora…', enablement: trusted, icon: '$(add)' },
  { id: 'lakeTutorial.tickSandbox', title: 'Push the Sandbox\'s Time Forward…', titleEs: 'Adelantar el tiempo del sandbox…', enablement: trusted, icon: '$(debug-continue)' },
  { id: 'lakeTutorial.resetSandbox', title: 'Reset Sandbox…', titleEs: 'Restablecer el sandbox…', enablement: trusted, icon: '$(discard)' },
] as const satisfies readonly CommandDeclaration[];

/** The id of a command declared above. */
export type CommandId = (typeof commands)[number]['id'];

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
