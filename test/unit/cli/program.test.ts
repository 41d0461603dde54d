import assert from 'node:assert/strict';
import { systemLanguage } from '../../../src/cli/help.ts';
import { program } from '../../../src/cli/program.ts';

describe('the command line', () => {
  it('speaks the system\'s language where it can', () => {
    assert.equal(systemLanguage({ LANG: 'es_MX.UTF-8' }, 'en-US'), 'es');
    assert.equal(systemLanguage({ LC_ALL: 'C', LANG: 'es_MX.UTF-8' }, 'es'), 'en');
    assert.equal(systemLanguage({}, 'es-AR'), 'es');
    assert.equal(systemLanguage({ LANG: 'est_EE.UTF-8' }, 'en'), 'en', 'Estonian is not Spanish');
  });

  it('names in each command\'s help only the flags that it heeds, and takes the common ones all the same', () => {
    const root = program(() => undefined);
    const help = (name: string): string => root.commands.find((command) => command.name() === name)?.helpInformation() ?? assert.fail(name);
    const unheeded: Readonly<Record<string, readonly string[]>> = {
      plan: ['--yes'], verify: ['--yes'], map: ['--yes'], doctor: ['--yes'], costs: ['--yes', '--quicksight'], down: ['--quicksight'],
      run: ['--step', '--quicksight'], query: ['--step', '--quicksight', '--yes'], explain: ['--step', '--quicksight', '--yes'], demo: ['--target', '--profile', '--yes'],
    };
    for (const [name, flags] of Object.entries(unheeded)) {
      for (const flag of flags) {
        assert.doesNotMatch(help(name), new RegExp(`^ +${flag}\\b`, 'm'), `${name} ${flag}`);
        assert.ok(root.commands.find((command) => command.name() === name)?.options.some(({ long }) => long === flag), `${name} ${flag} is still taken`);
      }
    }
    assert.match(help('up'), /--yes/);
    assert.match(help('up'), /--step/);
    assert.match(help('run'), /--yes/);
  });
});
