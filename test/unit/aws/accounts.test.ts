import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountOfAccessKey } from '../../../src/aws/accessKey.ts';
import { accountOfChain, readProfiles, regionIn, type Profile } from '../../../src/aws/profiles.ts';

describe('the account in an access key id', () => {
  // Pairs that are published: by A. Steele and T. Be'ery with the layout, and as test vectors of the programs that read it.
  for (const [id, account] of [
    ['ASIAY34FZKBOKMUTVV7A', '609629065308'],
    ['ASIAQNZGKIQY56JQ7WML', '029608264753'],
    ['ASIAR2TG44V5PDTTBZRR', '125843596666'],
    ['ASIAVJ2E6QGR2WZILJFM', '364679954851'],
    ['AKIASP2TPHJSQH3FJXYZ', '171436882533'],
    ['AKIARZPUZDIKGB2VALC4', '123456789012'],
  ] as const) {
    it(`${id}: ${account}`, () => assert.equal(accountOfAccessKey(id), account));
  }

  it('is not there in an id of the old kind, and in what is no id', () => {
    for (const id of [
      'AKIAIOSFODNN7EXAMPLE', 'AKIAI44QH8DHBEXAMPLE', 'AKIAJOLDOLDOLDOLDOLD', '', 'A', 'AKIA', 'sandbox', 'ASIAc29tZXRoaW5nCg==', 'AROAY34FZKBOKMUTVV7A',
      'ASIAY34FZKBOKMUTVV7', 'ASIAY34FZKBOKMUTVV7AA', 'ASIAY34FZKBOKMUTVV7A\n', 'asiay34fzkbokmutvv7a', 'ASIAY34FZKBOKMUTVV71', 'ASIA7777777777777777', undefined,
    ]) {
      assert.equal(accountOfAccessKey(id), undefined, id);
    }
  });
});

describe('the account of a profile', () => {
  const kept = { ...process.env };
  let folder: string;

  async function profiles(config: string, credentials = ''): Promise<Record<string, Profile>> {
    await writeFile(join(folder, 'config'), config);
    await writeFile(join(folder, 'credentials'), credentials);
    return Object.fromEntries((await readProfiles()).map((profile) => [profile.name, profile]));
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-profiles-'));
    Object.assign(process.env, { AWS_CONFIG_FILE: join(folder, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials') });
  });
  after(async () => {
    process.env = kept;
    await rm(folder, { recursive: true, force: true });
  });

  it('is the one that calls would be made in', async () => {
    const read = await profiles(
      [
        '[profile sso]', 'sso_session = s', 'sso_account_id = 111122223333', 'sso_role_name = r', '[sso-session s]', 'sso_region = us-east-1',
        '[profile role]', 'role_arn = arn:aws-us-gov:iam::444455556666:role/path/name', 'source_profile = keys', 'sso_account_id = 111122223333',
        '[profile set]', 'aws_account_id = 222233334444', '[profile set-too]', 'account_id = 222233334444',
        '[profile program]', 'credential_process = x',
        '[profile wrong]', 'sso_account_id = 12', 'account_id = <account-id>', 'sso_start_url = https://x', '[profile role-wrong]', 'role_arn = arn:aws:iam::<account-id>:role/x', 'sso_account_id = 111122223333',
      ].join('\n'),
      ['[keys]', 'aws_access_key_id = ASIAY34FZKBOKMUTVV7A', 'aws_secret_access_key = x', '[old]', 'aws_access_key_id = AKIAIOSFODNN7EXAMPLE'].join('\n'),
    );
    const known = Object.fromEntries(Object.values(read).map(({ name, account }) => [name, account && `${account.source} ${account.accountId}`]));
    assert.deepEqual(known, {
      sso: 'sso 111122223333', role: 'role 444455556666', set: 'setting 222233334444', 'set-too': 'setting 222233334444', keys: 'access-key 609629065308',
      program: undefined, wrong: undefined, 'role-wrong': undefined, old: undefined,
    });
  });

  it('is of the partition that its role or its region is of, whatever region one works in', async () => {
    const read = await profiles([
      '[profile role]', 'role_arn = arn:aws-us-gov:iam::444455556666:role/x', '[profile region]', 'sso_account_id = 111122223333', 'region = cn-north-1',
      '[profile plain]', 'sso_account_id = 111122223333', 'region = eu-west-1',
    ].join('\n'));
    assert.equal(read['role']?.account?.partition, 'aws-us-gov');
    assert.equal(read['region']?.account?.partition, 'aws-cn');
    assert.equal(read['plain']?.account?.partition, undefined);
    const region = (name: string, wanted: string): string => regionIn(read[name]?.account ?? assert.fail(), wanted);
    assert.equal(region('region', 'us-east-2'), 'cn-north-1');
    assert.equal(region('region', 'cn-northwest-1'), 'cn-northwest-1');
    assert.equal(region('role', 'us-east-2'), 'us-east-2');
    assert.equal(region('plain', 'cn-north-1'), 'cn-north-1');
  });

  it('is read however broken the lines around it are', async () => {
    const read = await profiles(
      ['nonsense', '= x', '[', ']', '[profile ', 'a = b', '[profile good]', '  ', 'sso_account_id', 'sso_account_id == 5', '\u0000\uFFFD', 'sso_account_id = 111122223333 # mine', '[profile other', 'x', '[]', 'k=v', '[profile "quoted name"]', 'account_id=222233334444'].join('\r\n'),
      '\uFEFF[first]\naws_access_key_id=ASIAY34FZKBOKMUTVV7A',
    );
    assert.equal(read['good']?.account?.accountId, '111122223333');
  });

  it('is there among 5,000', async () => {
    const read = await profiles(Array.from({ length: 5000 }, (_, index) => `[profile p${index}]\nsso_session = s\nsso_account_id = ${String(index).padStart(12, '1')}\nregion = us-east-2\n`).join('\n'));
    assert.equal(Object.keys(read).length, 5000);
    assert.equal(read['p4999']?.account?.accountId, '111111114999');
  });

  it('is that of the chain: a profile before the environment\'s key, and that before the profile "default"', () => {
    const some: Profile[] = [
      { name: 'default', kind: 'sso', account: { accountId: '111122223333', source: 'sso' } },
      { name: 'dev', kind: 'role', account: { accountId: '222233334444', source: 'role' } },
      { name: 'blind', kind: 'process' },
    ];
    const key = { AWS_ACCESS_KEY_ID: 'ASIAY34FZKBOKMUTVV7A', AWS_SECRET_ACCESS_KEY: 'x' };
    const id = (profile: string | undefined, env: Record<string, string>): string | undefined => accountOfChain(some, profile, env)?.accountId;
    assert.equal(id(undefined, {}), '111122223333');
    assert.equal(id('dev', key), '222233334444');
    assert.equal(id(undefined, { ...key, AWS_PROFILE: 'dev' }), '222233334444');
    assert.equal(id(undefined, key), '609629065308');
    assert.equal(id(undefined, { ...key, AWS_ACCOUNT_ID: '333344445555' }), '333344445555');
    assert.equal(accountOfChain(some, undefined, { ...key, AWS_REGION: 'cn-north-1' })?.partition, 'aws-cn');
    // What is used and cannot be told is not somebody else's.
    assert.equal(id(undefined, { ...key, AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE' }), undefined);
    assert.equal(id('blind', key), undefined);
    assert.equal(id('nobody', key), undefined);
  });
});
