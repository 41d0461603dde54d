import { strict as assert } from 'node:assert';
import papa from 'papaparse';
import { compareNumbers, GridModel, isNumeric, type ResultColumn } from '../../../src/editor/panels/gridModel.ts';
import { csvText, jsonText, markdownText, tsvText } from '../../../src/rowsText.ts';
import type { GridRow } from '../../../src/webviews/protocol.ts';

const columns: readonly ResultColumn[] = [{ name: 'n', type: 'decimal(38,19)' }, { name: 't', type: 'varchar' }];
const column = (model: GridModel, index = 0): (string | null | undefined)[] => model.rows(0, model.total).map((row) => row[index]);
const grid = (...values: readonly (string | null)[]): GridModel => new GridModel(columns, values.map((value, index) => [value, `row ${index}`]));

describe('a grid\'s rows', () => {
  it('are sorted as the numbers that they are, digit by digit, whatever a double would make of them', () => {
    const model = grid('9007199254740993', '9007199254740992', '-9007199254740993', '10', '9', '0.1000000000000000001', '0.1', '1e2', '-0', '9007199254740992.5');
    model.look({ sort: { column: 0, descending: false } });
    assert.deepEqual(column(model), ['-9007199254740993', '-0', '0.1', '0.1000000000000000001', '9', '10', '1e2', '9007199254740992', '9007199254740992.5', '9007199254740993']);
    model.look({ sort: { column: 0, descending: true } });
    assert.deepEqual(column(model).slice(0, 3), ['9007199254740993', '9007199254740992.5', '9007199254740992']);
  });

  it('have what is no value last, whichever way they are sorted, and keep their order where they are equal', () => {
    const model = grid('2', null, '1', 'NaN', '1.0', '-Infinity');
    model.look({ sort: { column: 0, descending: false } });
    assert.deepEqual(model.rows(0, 9), [['-Infinity', 'row 5'], ['1', 'row 2'], ['1.0', 'row 4'], ['2', 'row 0'], ['NaN', 'row 3'], [null, 'row 1']]);
    model.look({ sort: { column: 0, descending: true } });
    assert.equal(column(model).at(-1), null);
    model.look({});
    assert.deepEqual(column(model), ['2', null, '1', 'NaN', '1.0', '-Infinity']);
  });

  it('compare in every pair as exact numbers do', () => {
    const texts = ['-123456789012345678901234567890.5', '-1', '-0.5', '0', '0.000', '.5', '5e-1', '1', '1.', '10', '1E1', '99999999999999999999', '100000000000000000000'];
    const scaled = (text: string): bigint => {
      const [, sign, whole = '', fraction = '', power = '0'] = /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
      return BigInt(`${sign}${(whole + fraction).padStart(1, '0')}`) * 10n ** BigInt(30 - fraction.length + Number(power));
    };
    for (const one of texts) {
      for (const other of texts) {
        const [a, b] = [scaled(one), scaled(other)];
        assert.equal(Math.sign(compareNumbers(one, other)), a < b ? -1 : a > b ? 1 : 0, `${one} ${other}`);
      }
    }
  });

  it('are filtered: empty apart from NULL, numbers as numbers, in one column or in any', () => {
    const model = new GridModel(columns, [['1', ''], ['2.50', null], [null, 'NULL'], ['10', 'Abc']]);
    const left = (operator: 'contains' | 'equals' | 'greater' | 'less' | 'isNull' | 'isNotNull' | 'isEmpty', text = '', index?: number): (string | null | undefined)[] => {
      model.look({ filter: { operator, text, ...(index !== undefined && { column: index }) } });
      return column(model);
    };
    assert.deepEqual(left('isNull', '', 1), ['2.50']);
    assert.deepEqual(left('isEmpty', '', 1), ['1']);
    assert.deepEqual(left('isNotNull', '', 1), ['1', null, '10']);
    assert.deepEqual(left('contains', 'aB'), ['10']);
    assert.deepEqual(left('contains', 'null'), [null]);
    assert.deepEqual(left('greater', '2.5', 0), ['10']);
    assert.deepEqual(left('equals', '2.5', 0), ['2.50']);
    assert.deepEqual(left('less', '10', 0), ['1', '2.50']);
    assert.deepEqual(left('contains', ''), ['1', '2.50', null, '10']);
  });

  it('are sorted and filtered with those that come later', () => {
    const model = grid('3', '1');
    model.look({ sort: { column: 0, descending: false }, filter: { operator: 'less', text: '3', column: 0 } });
    assert.deepEqual([model.count, column(model)], [2, ['1']]);
    model.add([['-2', 'new'], ['7', 'new']]);
    assert.deepEqual([model.count, column(model), model.rows(1, 5)], [4, ['-2', '1'], [['1', 'row 1']]]);
  });

  it('are numbers by their type, and where there is none by what they are', () => {
    for (const type of ['bigint', 'int', 'integer', 'int32', 'int64', 'int_64', 'uint_8', 'tinyint', 'decimal(10,2)', 'double', 'float', 'real']) {
      assert.ok(isNumeric({ name: '', type }, []), type);
    }
    for (const type of ['varchar', 'timestamp', 'interval', 'utf8', 'boolean', 'date']) {
      assert.ok(!isNumeric({ name: '', type }, ['1']), type);
    }
    assert.ok(isNumeric({ name: '' }, ['1', '', null, '-2.5']));
    assert.ok(!isNumeric({ name: '' }, ['1', 'x']) && !isNumeric({ name: '' }, [null, '']));
  });
});

describe('a grid\'s rows in a file', () => {
  const odd: readonly GridRow[] = [['9007199254740993.10', 'a,"b"\r\nc'], [null, ''], ['-0.5', null], ['NaN', ' |x\\ <b>']];

  it('are CSV that reads as it was, with empty apart from NULL', () => {
    const text = csvText([{ name: 'n' }, { name: 'a "name"' }], odd);
    assert.deepEqual(papa.parse(text.trimEnd()).data, [['n', 'a "name"'], ...odd.map((row) => row.map((value) => value ?? ''))]);
    assert.match(text, /^,""\r$/m);
    assert.match(text, /^-0\.5,\r$/m);
  });

  it('are JSON with numbers as they are stored, and names that are told apart', () => {
    const text = jsonText([{ name: 'n', type: 'decimal' }, { name: 'n', type: 'varchar' }], odd, [true, false]);
    assert.match(text, /"n": 9007199254740993\.10, /);
    assert.deepEqual((JSON.parse(text) as unknown[])[1], { n: null, n_2: '' });
    assert.deepEqual((JSON.parse(text) as unknown[])[3], { n: 'NaN', n_2: ' |x\\ <b>' });
    assert.deepEqual(JSON.parse(jsonText(columns, [], [true, false])), []);
    assert.equal(jsonText([{ name: 'b', type: 'boolean' }], [['true']], [false]), '[\n  {"b": true}\n]\n');
  });

  it('are a table of Markdown whose cells are no markup', () => {
    assert.equal(markdownText([{ name: 'n' }, { name: 't' }], odd, [true, false]), [
      '| n | t |', '| ---: | --- |', '| 9007199254740993.10 | a,"b"<br>c |', '| *NULL* |  |', '| -0.5 | *NULL* |', '| NaN |  \\|x\\\\ \\<b\\> |', '',
    ].join('\n'));
  });

  it('are copied as a spreadsheet takes them', () => {
    assert.equal(tsvText([['1', 'a\tb'], [null, 'say "x"']]), '1\t"a\tb"\n\t"say ""x"""');
  });
});
