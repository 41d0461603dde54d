import { strict as assert } from 'node:assert';
import type { Page } from 'playwright-core';
import type { Grid, Picture } from '../../../src/webviews/protocol.ts';
import { pageOf, seriousOn } from './support.ts';

const columns: Grid['columns'] = [{ name: 'id', type: 'bigint', numeric: true }, { name: 'text', type: 'varchar', numeric: false }, { name: 'amount', type: 'decimal(38,2)', numeric: true }];
const picture = (grid: Partial<Grid> = {}, result = 'r'): Picture => ({
  title: 'Rows', status: '1 KB read', busy: false, actions: [{ id: 'asText', label: 'Show as Text' }], drawings: [], things: {}, tables: [], keep: { result },
  grid: { id: 1, columns, total: 1_000_000, more: false, note: '1,000,000 rows', ...grid },
});

describe('the page of a grid, in a browser', () => {
  let page: Page;
  const { said, tell, errors } = pageOf('grid', (opened) => {
    page = opened;
    // Who stands for the editor answers for rows: a third of the texts is none, a third is empty.
    return page.evaluate(`globalThis.answer = (message) => message.type === 'rows' && postMessage({ type: 'rows', grid: message.grid, from: message.from,
      rows: Array.from({ length: message.to - message.from }, (_, index) => { const row = message.from + index; return [String(row), row % 3 === 0 ? null : row % 3 === 1 ? '' : 'text ' + row, row + '.10']; }) }, '*')`);
  });
  /** Waits until what is asked of the page is so. */
  const until = async (condition: string): Promise<void> => {
    for (const end = Date.now() + 10_000; !(await page.evaluate(condition)); await page.evaluate('new Promise((done) => requestAnimationFrame(done))')) {
      assert.ok(Date.now() < end, condition);
    }
  };
  const show = async (next: Picture, revision: number): Promise<void> => {
    await said();
    await tell({ type: 'show', revision, picture: next });
    await until(`said.some(({ type, revision, states }) => type === 'drawn' && revision === ${revision} && (states['total'] === '0' || states['0,0'] !== '…'))`);
  };
  const focused = (): Promise<string> => page.evaluate(`document.activeElement.className.split(' ')[0] + ' ' + document.activeElement.parentElement.dataset.row + ' ' + document.activeElement.textContent`);

  it('shows a million rows with some tens of elements, NULL apart from empty', async () => {
    await show(picture(), 1);
    assert.ok(Number(await page.evaluate('document.querySelectorAll(".grid-body .grid-row").length')) < 60);
    const texts = await page.evaluate(`[...document.querySelectorAll('.grid-body .grid-row')].filter(({ hidden }) => !hidden).slice(0, 3).map((row) => [...row.querySelectorAll('.cell')].map((cell) => [cell.textContent, cell.classList.contains('null')]))`);
    assert.deepEqual(texts, [[['0', false], ['NULL', true], ['0.10', false]], [['1', false], ['', false], ['1.10', false]], [['2', false], ['text 2', false], ['2.10', false]]]);
  });

  it('is a grid for who cannot see it: how many rows and columns, which is which, and how it is sorted', async () => {
    const grid = page.locator('[role="grid"]');
    assert.deepEqual([await grid.getAttribute('aria-rowcount'), await grid.getAttribute('aria-colcount')], ['1000001', '4']);
    assert.deepEqual(await page.locator('[role="columnheader"]').evaluateAll((all) => all.map((each) => each.getAttribute('aria-colindex'))), ['1', '2', '3', '4']);
    assert.equal(await page.locator('[data-row="2"]').getAttribute('aria-rowindex'), '4');
    assert.deepEqual(await seriousOn(page, 'grid'), []);
  }).timeout(60_000);

  it('is gone through by keys, to its last row and back, one cell having the focus', async () => {
    await page.locator('[data-row="0"] .cell').first().click();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(), 'cell 1 ');
    await page.keyboard.press('End');
    assert.equal(await focused(), 'cell 1 1.10');
    await page.keyboard.press('Control+End');
    await until(`document.activeElement.textContent === '999999.10'`);
    // The last row stands above the lower edge.
    assert.ok(await page.evaluate('document.activeElement.getBoundingClientRect().bottom <= innerHeight'));
    await page.keyboard.press('PageUp');
    await page.keyboard.press('ArrowUp');
    await until(`Number(document.activeElement.parentElement.dataset.row) < 999990 && document.activeElement.textContent.endsWith('.10')`);
    await page.keyboard.press('Control+Home');
    await until(`document.activeElement.textContent === '0'`);
    assert.equal(await page.locator('.grid [tabindex="0"]').count(), 1);
  });

  it('keeps the focus while the cell is scrolled away, and comes back to it by the next key', async () => {
    await page.locator('.grid').hover();
    await page.mouse.wheel(0, 4000);
    await until(`document.activeElement.classList.contains('grid')`);
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), 'cell 1 1');
  });

  it('scrolls by the wheel row by row, though its scrollbar cannot', async () => {
    await page.keyboard.press('Control+Home');
    await page.locator('.grid').hover();
    await page.mouse.wheel(0, 230);
    await until(`Math.min(...[...document.querySelectorAll('.grid-body .grid-row:not([hidden])')].filter((each) => each.getBoundingClientRect().bottom > document.querySelector('.grid-head').getBoundingClientRect().bottom + 1).map(({ dataset }) => Number(dataset.row))) === 10`);
  });

  it('takes no more than a frame\'s script for a step through a million rows', async () => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable');
    const spent = async (): Promise<number> => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? Number.NaN) * 1000;
    };
    const before = await spent();
    const steps = 60;
    await page.evaluate(`(async () => { const grid = document.querySelector('.grid'); for (let step = 1; step <= ${steps}; step++) { grid.scrollTop = step * 97_003; await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); } })()`);
    const each = (await spent()) - before;
    assert.ok(each / steps < 16, `${each / steps} ms`);
    await devtools.detach();
  });

  it('selects by mouse and keys, and has it copied by whoever holds the rows', async () => {
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowRight');
    assert.equal(await page.locator('.cell.selected[aria-selected="true"]').count(), 4);
    await said();
    await page.keyboard.press('Control+c');
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Control+c');
    assert.deepEqual((await said()).filter(({ type }) => type === 'copy'), [{ type: 'copy', grid: 1, top: 0, left: 0, bottom: 1, right: 1 }, { type: 'copy', grid: 1, top: 0, left: 0, bottom: 999_999, right: 2 }]);
    await page.keyboard.press('Escape');
  });

  it('asks to be sorted by a click or Enter, and shows how it is', async () => {
    await said();
    await page.locator('[role="columnheader"]').nth(3).click();
    assert.deepEqual((await said()).filter(({ type }) => type === 'look'), [{ type: 'look', sort: { column: 2, descending: false }, filter: { operator: 'contains', text: '' } }]);
    await show(picture({ id: 2, sort: { column: 2, descending: false } }), 2);
    assert.equal(await page.locator('[role="columnheader"]').nth(3).getAttribute('aria-sort'), 'ascending');
    await page.keyboard.press('Enter');
    await show(picture({ id: 3, sort: { column: 2, descending: true } }), 3);
    await page.keyboard.press('Enter');
    const width = (): Promise<number> => page.locator('[role="columnheader"]').nth(3).evaluate((each) => (each as unknown as { offsetWidth: number }).offsetWidth);
    const before = await width();
    await page.keyboard.press('Shift+ArrowRight');
    assert.equal(await width(), before + 16);
    assert.deepEqual((await said()).filter(({ type }) => type === 'look'), [{ type: 'look', filter: { operator: 'contains', text: '' } }]);
  });

  it('asks to be filtered as somebody types', async () => {
    await page.locator('.filter select').nth(0).selectOption('1');
    await page.locator('.filter select').nth(1).selectOption('equals');
    await said();
    await page.locator('.filter input').fill('text 2');
    await until(`said.some(({ type }) => type === 'look')`);
    assert.deepEqual((await said()).find(({ type }) => type === 'look'), { type: 'look', sort: { column: 2, descending: true }, filter: { operator: 'equals', text: 'text 2', column: 1 } });
    await page.locator('.filter select').nth(1).selectOption('isNull');
    assert.equal(await page.locator('.filter input').isVisible(), false);
    await page.locator('.filter button').click();
    assert.deepEqual((await said()).filter(({ type }) => type === 'look').at(-1), { type: 'look', sort: { column: 2, descending: true }, filter: { operator: 'contains', text: '' } });
  });

  it('asks for more when somebody comes to the end of what is held, once', async () => {
    await show(picture({ id: 4, total: 300, more: true }, 'other'), 4);
    assert.equal(await page.locator('[role="grid"]').getAttribute('aria-rowcount'), '-1');
    assert.equal((await said()).some(({ type }) => type === 'more'), false);
    await page.locator('[data-row="0"] .cell').first().click();
    await page.keyboard.press('Control+End');
    await until(`document.activeElement.textContent === '299.10'`);
    await page.keyboard.press('ArrowUp');
    assert.equal((await said()).filter(({ type }) => type === 'more').length, 1);
    await show(picture({ id: 4, total: 1300, more: false }, 'other'), 5);
    await page.keyboard.press('PageDown');
    await page.keyboard.press('PageDown');
    await until(`Number(document.activeElement.textContent) > 320`);
  });

  it('says when there are no rows, and keeps columns to look at', async () => {
    await show(picture({ id: 5, total: 0, note: 'There are no rows.' }, 'empty'), 6);
    assert.equal(await page.locator('.note').innerText(), 'There are no rows.');
    assert.equal(await page.locator('[role="columnheader"]').count(), 4);
  });

  it('breaks its own policy nowhere', () => {
    assert.deepEqual(errors, []);
  });
});
