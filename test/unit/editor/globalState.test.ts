import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { GlobalState } from '../../../src/editor/globalState.ts';

/** VS Code's `globalState`: writes all at once a moment later, and takes back all that the window then tells of it. */
class Window {
  readonly disk: Record<string, unknown>[] = [];
  private value: Record<string, unknown> = {};
  private due: Promise<void> | undefined;

  get<T>(key: string): T | undefined {
    return this.value[key] as T | undefined;
  }

  update(key: string, value: unknown): Promise<void> {
    this.value[key] = value;
    return (this.due ??= delay(0).then(async () => {
      this.due = undefined;
      const text = JSON.stringify(this.value);
      await delay(5);
      this.disk.push(JSON.parse(text) as Record<string, unknown>);
      this.value = JSON.parse(text) as Record<string, unknown>;
    }));
  }
}

describe('what the extension remembers', () => {
  it('is not lost to what comes back of an earlier write', async () => {
    const window = new Window();
    const globalState = new GlobalState(window);
    const first = globalState.update('states', { bucket: 'done' });
    // After the first was sent, before it came back.
    await delay(4);
    const second = globalState.update('account', '111122223333');
    await first;
    assert.equal(globalState.get('account'), '111122223333');
    await second;
    assert.deepEqual(window.disk.at(-1), { states: { bucket: 'done' }, account: '111122223333' });
  });

  it('is what was written last', async () => {
    const globalState = new GlobalState(new Window());
    await Promise.all([globalState.update('region', 'eu-west-1'), delay(2).then(() => globalState.update('region', 'us-east-2')), delay(4).then(() => globalState.update('region', undefined)), delay(4).then(() => globalState.update('region', 'sa-east-1'))]);
    assert.equal(globalState.get('region'), 'sa-east-1');
  });

  it('follows another window afterwards', async () => {
    const window = new Window();
    const globalState = new GlobalState(window);
    await globalState.update('region', 'eu-west-1');
    await window.update('region', 'us-east-2');
    assert.equal(globalState.get('region'), 'us-east-2');
  });
});
