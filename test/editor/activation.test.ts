import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { commands } from '../../src/editor/commands.generated.ts';
import { extensionId, provisionCommand, walkthroughId } from '../../src/editor/ids.ts';
import { stepIds } from '../../src/editor/steps.generated.ts';
import { api, extension } from './support.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly walkthroughs: readonly { readonly id: string; readonly title: string; readonly steps: readonly { readonly id: string; readonly title: string; readonly description: string }[] }[];
  };
}

const manifest = (): Manifest => extension().packageJSON as Manifest;

describe('activation', () => {
  it('waits until it is needed, and opening the walkthrough is such a need', async () => {
    assert.equal(extension().isActive, false);
    await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${walkthroughId}`, false);
    for (const until = Date.now() + 20_000; !extension().isActive && Date.now() < until; ) {
      await delay(50);
    }
    assert.equal(extension().isActive, true);
  });

  it('looks at the account when the walkthrough is shown', async () => {
    const { walkthrough } = await api();
    for (const until = Date.now() + 20_000; walkthrough.states()['account'] !== 'done' && Date.now() < until; ) {
      await delay(50);
    }
    await walkthrough.settled();
    assert.deepEqual(walkthrough.ticks(), ['account']);
  });

  it('registers what is declared, and nothing else', async () => {
    const registered = (await vscode.commands.getCommands(true)).filter((id) => id.startsWith('lakeTutorial.') && !/^lakeTutorial\.(\w+\.)?(open|focus|resetViewLocation|removeView|toggleVisibility)$/.test(id));
    const declared = manifest().contributes.commands.map(({ command }) => command);
    assert.deepEqual(registered.sort(), declared.sort());
    const wanted = [...commands.map(({ id }) => id), ...stepIds.filter(({ provision }) => provision).map(({ id }) => provisionCommand(id))];
    assert.deepEqual(declared.sort(), wanted.sort());
  });

  it('contributes one walkthrough with the tutorial\'s steps, in the editor\'s language', () => {
    const [walkthrough, ...others] = manifest().contributes.walkthroughs;
    assert.equal(others.length, 0);
    assert.equal(walkthrough?.id, walkthroughId);
    assert.deepEqual(walkthrough.steps.map(({ id }) => id), stepIds.map(({ id }) => id));
    const title = walkthrough.steps.find(({ id }) => id === 'bucket')?.title;
    assert.equal(title, vscode.env.language.startsWith('es') ? '1.1 Crea el bucket' : '1.1 Create the bucket');
  });

  it('gives every step a button that provisions it, where there is something to provision, and one that verifies it', () => {
    for (const { id, description } of manifest().contributes.walkthroughs[0]?.steps ?? []) {
      assert.equal(description.includes(`command:${provisionCommand(id)}`), stepIds.some((step) => step.id === id && step.provision), id);
      assert.match(description, /command:lakeTutorial\.(verifyStep|connect|tearDown)/, id);
    }
  });
});
