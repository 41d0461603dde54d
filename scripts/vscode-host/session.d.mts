import type { Page } from 'playwright-core';

export interface SessionOptions {
  extensionPath?: string;
  vsix?: string | string[];
  folder?: string;
  locale?: string;
  theme?: string;
  settings?: Record<string, unknown>;
  env?: Record<string, string | undefined>;
  size?: { width: number; height: number; scale?: number };
  log?: (line: string) => void;
}

export interface WalkthroughStep {
  id: string | null;
  title: string;
  done: boolean;
  expanded: boolean;
  buttons: string[];
}

export interface Session {
  page: Page;
  folder: string;
  palette(text: string): Promise<void>;
  pick(text: string, timeout?: number): Promise<void>;
  runCommand(title: string): Promise<void>;
  openWalkthrough(title: string): Promise<void>;
  walkthroughSteps(): Promise<WalkthroughStep[]>;
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

export function openSession(options: SessionOptions): Promise<Session>;
