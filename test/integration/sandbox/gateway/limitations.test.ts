import { strict as assert } from 'node:assert';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateUserCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { connect } from '../../../../src/aws/connection.ts';
import { LIMITATION_HEADER, limitationHeader, limitations, readLimitation, type Limitation, type LimitationId } from '../../../../src/sandbox/kernel/limitations.ts';
import { clientConfig } from '../support.ts';
import { inProcess, type InProcess } from '../inprocess.ts';

describe('sandbox: what it does not do', function () {
  this.timeout(120_000);
  let sandbox: InProcess;
  before(async () => (sandbox = await inProcess()));
  after(() => sandbox.stop());

  const signed = (service: string): string =>
    `AWS4-HMAC-SHA256 Credential=any/20261128/us-east-2/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  const glue = (action: string): Promise<Response> =>
    fetch(sandbox.endpoint, { method: 'POST', headers: { authorization: signed('glue'), 'x-amz-target': `AWSGlue.${action}`, 'content-type': 'application/x-amz-json-1.1' }, body: '{}' });

  it('stands in the header of a refused operation, and of no other answer', async () => {
    const refused = await glue('CreateBlueprint');
    assert.equal(refused.status, 501);
    assert.equal(refused.headers.get(LIMITATION_HEADER), limitationHeader('operations'));
    const answered = await glue('GetDatabases');
    assert.equal(answered.status, 200);
    assert.equal(answered.headers.get(LIMITATION_HEADER), null);
  });

  it('stands in the header of every answer of an operation that falls short', async () => {
    const iam = new IAMClient(clientConfig(sandbox.endpoint));
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'ana' }));
    let seen: string | undefined;
    iam.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        seen = (result.response as { headers: Record<string, string> }).headers[LIMITATION_HEADER];
        return result;
      },
      { step: 'deserialize', priority: 'high' },
    );
    await iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: User?.Arn, ActionNames: ['s3:GetObject'] }));
    assert.equal(seen, limitationHeader('iam-simulation'));
  });

  it('is told to whoever made the connection', async () => {
    const told: string[] = [];
    const connection = connect({ target: 'sandbox', region: 'us-east-2', endpoint: sandbox.endpoint, credentials: { accessKeyId: 'any', secretAccessKey: 'any' }, onLimitation: (header) => told.push(header) });
    await connection.glue.getDatabases({});
    assert.deepEqual(told, []);
    await assert.rejects(connection.lambda.invoke({ FunctionName: 'none' }));
    connection.close();
    assert.deepEqual(told.map(readLimitation), [limitations.operations.what()]);
  });

  it('stands in the header where only the request shows what is asked for', async () => {
    const put = async (path: string, body: string): Promise<string | null> =>
      (await fetch(`${sandbox.endpoint}${path}`, { method: 'PUT', headers: { authorization: signed('s3') }, body })).headers.get(LIMITATION_HEADER);
    assert.equal(await put('/limited', ''), null);
    assert.equal(await put('/limited?policy', '{"Version":"2012-10-17","Statement":[]}'), limitationHeader('s3-policies'));
    assert.equal(await put('/limited?tagging', '<Tagging><TagSet/></Tagging>'), null);
  });

  it('is told by an answer, each of the list', async () => {
    const files = (await readdir('src/sandbox', { recursive: true })).filter((name) => name.endsWith('.ts'));
    const code = (await Promise.all(files.map((name) => readFile(join('src/sandbox', name), 'utf8')))).join('\n');
    const nobody = Object.entries<Limitation>(limitations).filter(([id, { operations = [] }]) => operations.length === 0 && !new RegExp(`(?:limit\\(|\\? |: )'${id}'`).test(code));
    assert.deepEqual(nobody.map(([id]) => id), []);
  });

  it('fits a header, whatever is on the list', () => {
    for (const id of Object.keys(limitations) as LimitationId[]) {
      assert.match(limitationHeader(id), /^[a-z0-9-]+; [\x20-\x7e]+$/);
      assert.equal(readLimitation(limitationHeader(id)), limitations[id].what());
    }
    assert.equal(readLimitation('of-a-later-version; Something else.'), 'Something else.');
  });
});
