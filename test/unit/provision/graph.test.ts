import { strict as assert } from 'node:assert';
import { loadTutorial } from '../../../src/shell.ts';
import { UserError } from '../../../src/errors.ts';
import { withDependants } from '../../../src/provision/down.ts';
import { dependencies, findKind, graphDepth, resourcesOf } from '../../../src/provision/account-view.ts';
import { catalogue } from '../../../src/resources/catalogue.generated.ts';
import { deriveNames } from '../../../src/resources/names.ts';
import { databaseUserData } from '../../../src/resources/user-data.ts';
import { parseTutorial } from '../../../src/tutorial/parse.ts';

describe('the resource catalogue', () => {
  it('has one kind for each id', () => {
    assert.equal(new Set(catalogue.map(({ id }) => id)).size, catalogue.length);
  });
  it('depends only on kinds that are in it, without a cycle', () => {
    const visiting = new Set<string>();
    const visit = (id: string): void => {
      assert.ok(!visiting.has(id), `cycle at ${id}`);
      visiting.add(id);
      const kind = findKind(id);
      assert.ok(kind, id);
      dependencies(kind).forEach((needed) => visit(needed.id));
      visiting.delete(id);
    };
    catalogue.forEach(({ id }) => visit(id));
  });
  it('makes every database, and what looks into one, only when whoever provisions is an administrator of the lake', () => {
    const needs = (id: string): string[] => (findKind(id)?.dependsOn as readonly { id: string }[] | undefined ?? []).flatMap(({ id: needed }) => [needed, ...needs(needed)]);
    for (const { id } of catalogue.filter(({ type, create }) => create && /^AWS::Glue::(Database|Crawler)$/.test(type))) {
      assert.ok(needs(id).includes('lake-admin'), id);
    }
  });
  it('can remove what it can create, or says why it stays', () => {
    for (const kind of catalogue.filter(({ create, id }) => create && id !== 'source-table')) {
      assert.ok(kind.remove ?? kind.stays, kind.id);
    }
  });
  it('names IAM actions of what it reads, writes and removes', () => {
    for (const { id, actions, create, remove } of catalogue) {
      assert.ok(actions.read.length > 0, id);
      assert.equal(create !== undefined, (actions.write ?? []).length > 0, `${id}: write`);
      assert.equal(remove !== undefined, (actions.remove ?? []).length > 0, `${id}: remove`);
    }
  });
});

describe('resources of a tutorial', () => {
  const order = (ids: string[]) => ids;

  it('come with what they need, needs first', async () => {
    const tutorial = await loadTutorial({});
    const ids = order(resourcesOf(tutorial, ['schedule'], true).map(({ kind }) => kind.id));
    for (const needed of ['network', 'security-group', 'instance', 'inserter']) {
      assert.ok(ids.indexOf(needed) >= 0 && ids.indexOf(needed) < ids.indexOf('schedule'), needed);
    }
    assert.ok(!ids.includes('bucket'));
  });
  it('keep the step that asks for them', async () => {
    const tutorial = await loadTutorial({});
    const instance = resourcesOf(tutorial, ['connection'], true).find(({ kind }) => kind.id === 'instance');
    assert.equal(instance?.step, 'source-database');
  });
  it('go together with what stands on them', async () => {
    const all = resourcesOf(await loadTutorial({}), undefined, true);
    const gone = withDependants(all, ['bucket']).map(({ kind }) => kind.id);
    for (const id of ['bucket', 'zones', 'lake-location', 'location-grant', 'lake-database', 'crawler', 'work-group']) {
      assert.ok(gone.includes(id), id);
    }
    assert.ok(!gone.includes('admin-user') && !gone.includes('instance'));
  });
  it('form a graph far shallower than it is long', async () => {
    const all = resourcesOf(await loadTutorial({}), undefined, true);
    assert.ok(graphDepth(all) <= 10, `${graphDepth(all)} of ${all.length}`);
  });
  it('are refused with a list of what there is when unknown', async () => {
    const tutorial = await loadTutorial({});
    assert.throws(() => resourcesOf(tutorial, ['nope'], true), (error) => UserError.is(error) && error.code === 'step.unknown' && error.exit === 2 && /bucket/.test(error.next ?? ''));
    const other = parseTutorial('# T\n\n### 1. One\n<!-- lake:step id=one provisions=unicorn -->\n\nText.\n');
    assert.throws(() => resourcesOf(other, undefined, true), (error) => UserError.is(error) && error.code === 'kind.unknown');
  });
});

describe('the instance\'s user data', () => {
  it('holds no secret, and names where the password is', () => {
    const text = databaseUserData(deriveNames('data-lake', { accountId: '111122223333', partition: 'aws' }, 'us-east-2', {}), '10.0.0.0/16');
    assert.match(text, /ssm get-parameter .*--name \/lake-tutorial\/transactionaldb\/password/);
    // What Glue's default driver can do.
    assert.match(text, /10\.0\.0\.0\/16 md5/);
    assert.match(text, /SET password_encryption = 'md5';[^]*ALTER ROLE/);
    assert.doesNotMatch(text, /PASSWORD '(?!password)/);
  });
});
