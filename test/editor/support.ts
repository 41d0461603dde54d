import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { connect, sandboxCredentials, type Connection } from '../../src/aws/connection.ts';
import { extensionId } from '../../src/editor/ids.ts';
import type { Drawn, OpenPanel } from '../../src/editor/panels/openPanel.ts';
import type { UserError } from '../../src/errors.ts';
import type { LakeTutorialApi } from '../../src/extension.ts';
import { sandboxStatus } from '../../src/sandbox/control/sandbox.ts';

export function extension(): vscode.Extension<LakeTutorialApi> {
  const found = vscode.extensions.getExtension<LakeTutorialApi>(extensionId);
  assert.ok(found, `${extensionId} is not there`);
  return found;
}

export const api = (): Promise<LakeTutorialApi> => Promise.resolve(extension().activate());

/** Runs a command and waits for the walkthrough to follow. */
export async function command<T>(id: string, ...values: unknown[]): Promise<T> {
  const { walkthrough } = await api();
  const result = await vscode.commands.executeCommand<T>(id, ...values);
  await walkthrough.settled();
  return result;
}

/** Runs a command that fails, and gives what the user was told. */
export async function failureOf(id: string, ...values: unknown[]): Promise<Pick<UserError, 'code' | 'message' | 'next'>> {
  const failures: UserError[] = [];
  const subscription = (await api()).onDidFail((failure) => failures.push(failure));
  try {
    await command(id, ...values);
  } finally {
    subscription.dispose();
  }
  const [failure] = failures;
  assert.ok(failure, `${id} did not fail`);
  assert.equal(failures.length, 1);
  return failure;
}

/** What the user is told from now on: waits for a message that matches. */
export async function listening(): Promise<{ readonly heard: (wanted: RegExp) => Promise<{ readonly message: string; readonly answers: readonly string[] }>; readonly all: () => readonly string[]; readonly end: () => void }> {
  const all: { readonly message: string; readonly answers: readonly string[] }[] = [];
  const waiting = new Set<() => void>();
  const subscription = (await api()).onDidSay((said) => {
    all.push(said);
    waiting.forEach((look) => look());
  });
  return {
    all: () => all.map(({ message }) => message),
    heard: (wanted) => new Promise((resolve, reject) => {
      const end = setTimeout(() => reject(new Error(`Nobody said ${wanted}: ${JSON.stringify(all)}`)), 30_000);
      const look = (): void => {
        const found = all.find(({ message }) => wanted.test(message));
        if (found) {
          waiting.delete(look);
          clearTimeout(end);
          resolve(found);
        }
      };
      waiting.add(look);
      look();
    }),
    end: () => subscription.dispose(),
  };
}

/** Settings of the user's, until what this gives is called. */
export async function settingsFor(values: Readonly<Record<string, unknown>>): Promise<() => Promise<void>> {
  const ids = Object.keys(values);
  const before = new Map(ids.map((id) => [id, vscode.workspace.getConfiguration().inspect(id)?.globalValue]));
  const write = async (value: (id: string) => unknown): Promise<void> => {
    for (const id of ids) {
      await vscode.workspace.getConfiguration().update(id, value(id), vscode.ConfigurationTarget.Global);
    }
    await (await api()).walkthrough.settled();
  };
  await write((id) => values[id]);
  return () => write((id) => before.get(id));
}

/** A setting of the user's for the time of a test. */
export async function withSettings<T>(values: Readonly<Record<string, unknown>>, run: () => Promise<T>): Promise<T> {
  const restore = await settingsFor(values);
  try {
    return await run();
  } finally {
    await restore();
  }
}

/** The sandbox that the runner started, as another program sees it. */
export async function behindItsBack<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
  const { endpoint } = await sandboxStatus();
  assert.ok(endpoint, 'the sandbox does not run');
  const connection = connect({ target: 'sandbox', region: 'us-east-2', endpoint, credentials: sandboxCredentials });
  try {
    return await run(connection);
  } finally {
    connection.close();
  }
}

/** Waits until the page has drawn what fits, and says how long that took. */
export async function drawn(panel: OpenPanel, fits: (drawn: Drawn) => boolean): Promise<number> {
  const started = performance.now();
  await new Promise<void>((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      subscription.dispose();
    };
    const subscription = panel.onDidDraw((now) => {
      if (fits(now)) {
        done();
        resolve();
      }
    });
    const timer = setTimeout(() => {
      done();
      reject(new Error(`not drawn: ${JSON.stringify(panel.drawn?.states)} ${panel.content?.problem ?? ''}`));
    }, 20_000);
    if (panel.drawn && fits(panel.drawn)) {
      done();
      resolve();
    }
  });
  return performance.now() - started;
}
