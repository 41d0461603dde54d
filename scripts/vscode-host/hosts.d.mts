export type Host = { kind: 'desktop' | 'browser'; executable: string };
export type Log = (line: string) => void;

export interface ExtensionTestOptions {
  host: Host;
  extensionPath: string;
  testsPath: string;
  folder?: string;
  locale?: string;
  theme?: string;
  settings?: Record<string, unknown>;
  env?: Record<string, string>;
}

export interface EditorOptions {
  extensionPath: string;
  folder: string;
  settings?: Record<string, unknown>;
  env?: Record<string, string>;
  log?: Log;
  signal?: AbortSignal;
}

export function chooseHost(options?: { log?: Log }): Promise<Host | { kind: 'none'; reason: string }>;
export function runExtensionTests(options: ExtensionTestOptions): Promise<{ code: number; passed: number; failed: number; pending: number }>;
export function openEditor(options: EditorOptions): Promise<'desktop' | 'browser'>;
