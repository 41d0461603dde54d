import * as vscode from 'vscode';
import { languages, type Language } from '../languages.generated.ts';
import { settings, settingsSection } from './ids.ts';

/** Where the commands act, as the settings say. Empty settings are undefined here. */
export interface TargetSettings {
  readonly target: 'sandbox' | 'aws';
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
}

/** The sandbox's own settings. */
export interface SandboxSettings {
  readonly state?: string;
  readonly python?: string;
  readonly sparkRemote?: string;
}

export const defaultRegion = 'us-east-2';

const text = (id: string): string | undefined => vscode.workspace.getConfiguration().get<string>(id)?.trim() || undefined;

export function readTarget(): TargetSettings {
  return {
    target: text(settings.target) === 'aws' ? 'aws' : 'sandbox',
    region: text(settings.region) ?? defaultRegion,
    profile: text(settings.profile),
    endpoint: text(settings.endpoint),
  };
}

/** True when the user's settings name a target, be it the one that is the default. */
export const isTargetSet = (): boolean => vscode.workspace.getConfiguration().inspect(settings.target)?.globalValue !== undefined;

export function readSandbox(): SandboxSettings {
  const state = text(settings.stateFolder);
  const python = text(settings.python);
  const sparkRemote = text(settings.sparkRemote);
  return { ...(state && { state }), ...(python && { python }), ...(sparkRemote && { sparkRemote }) };
}

/** The tutorial's variables; the region is not among them, it has a setting of its own. */
export function readVariables(): Record<string, string> {
  const values = vscode.workspace.getConfiguration().get<Record<string, unknown>>(settings.variables) ?? {};
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

/** Writes a target to the user's settings: never to the workspace's, which travel with a repository. */
export async function writeTarget(target: TargetSettings): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const values = { [settings.target]: target.target, [settings.profile]: target.profile ?? '', [settings.region]: target.region, [settings.endpoint]: target.endpoint ?? '' };
  for (const [id, value] of Object.entries(values)) {
    if ((configuration.get(id) ?? '') !== value) {
      await configuration.update(id, value, vscode.ConfigurationTarget.Global);
    }
  }
}

/** True when a change of settings concerns us. */
export const concernsUs = (event: vscode.ConfigurationChangeEvent): boolean => event.affectsConfiguration(settingsSection);

/** Whether rows are to be shown as text. */
export const showsText = (): boolean => text(settings.rowsAs) === 'text';

/** The language that the tutorial is read in. */
export const language = (): Language => languages.find((each) => new RegExp(`^${each}\\b`, 'i').test(vscode.env.language)) ?? 'en';
