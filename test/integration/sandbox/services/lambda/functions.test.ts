import assert from 'node:assert/strict';
import { CloudWatchLogsClient, DescribeLogStreamsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DisableRuleCommand, EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { AddPermissionCommand, CreateFunctionCommand, DeleteFunctionCommand, InvokeCommand, LambdaClient, UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../../../../src/errors.ts';
import { askSandbox, startSandbox, stopSandbox, tickSandbox } from '../../../../../src/sandbox/control/sandbox.ts';
import { LIMITATION_HEADER, limitationHeader } from '../../../../../src/sandbox/kernel/limitations.ts';
import { clientConfig, temporaryState } from '../../support.ts';

const zipOf = (source: string): Uint8Array => zipSync({ 'handler.py': strToU8(source) });

const ECHO = `
import os
def handler(event, context):
    print("seen", event)
    return {"event": event, "color": os.environ.get("COLOR"), "secret": os.environ.get("SECRET_OF_THE_USER"), "left": context.get_remaining_time_in_millis() > 0}
`;

describe('sandbox: functions and their schedules', function () {
  this.timeout(120_000);
  let place: Awaited<ReturnType<typeof temporaryState>>;
  let lambda: LambdaClient;
  let logs: CloudWatchLogsClient;
  let events: EventBridgeClient;
  let role: string;

  before(async () => {
    process.env['SECRET_OF_THE_USER'] = 'must not be seen';
    place = await temporaryState();
    const config = clientConfig((await startSandbox({ state: place.state })).endpoint);
    [lambda, logs, events] = [new LambdaClient(config), new CloudWatchLogsClient(config), new EventBridgeClient(config)];
    const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] };
    const made = await new IAMClient(config).send(new CreateRoleCommand({ RoleName: 'runs-functions', AssumeRolePolicyDocument: JSON.stringify(trust) }));
    role = made.Role?.Arn ?? '';
    await new IAMClient(config).send(new AttachRolePolicyCommand({ RoleName: 'runs-functions', PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole' }));
  });
  after(async () => {
    delete process.env['SECRET_OF_THE_USER'];
    await place.remove();
  });

  const create = (FunctionName: string, source: string, more: object = {}) =>
    lambda.send(new CreateFunctionCommand({ FunctionName, Runtime: 'python3.13', Handler: 'handler.handler', Role: role, Code: { ZipFile: zipOf(source) }, ...more }));
  async function invoke(FunctionName: string, event: unknown = {}) {
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)), LogType: 'Tail' }));
    return { failed: answer.FunctionError, tail: Buffer.from(answer.LogResult ?? '', 'base64').toString(), result: JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as Record<string, unknown> };
  }
  async function logOf(name: string): Promise<string> {
    for (let tries = 0; tries < 50; tries++) {
      const found = await logs.send(new DescribeLogStreamsCommand({ logGroupName: `/aws/lambda/${name}` })).catch(() => undefined);
      const streams = found?.logStreams ?? [];
      const all = await Promise.all(streams.map(({ logStreamName }) => logs.send(new GetLogEventsCommand({ logGroupName: `/aws/lambda/${name}`, logStreamName, startFromHead: true }))));
      const text = all.flatMap((each) => each.events ?? []).map(({ message }) => message).join('\n');
      if (text.includes('REPORT')) return text;
      await delay(50);
    }
    throw new Error(`no log of ${name}`);
  }

  it('runs the handler of the uploaded zip, with its environment and nothing of the user\'s', async () => {
    await create('echo', ECHO, { Environment: { Variables: { COLOR: 'blue' } } });
    const { result, failed, tail } = await invoke('echo', { n: 7 });
    assert.equal(failed, undefined);
    assert.deepEqual(result, { event: { n: 7 }, color: 'blue', secret: null, left: true });
    assert.match(tail, /START RequestId[\s\S]*seen \{'n': 7\}[\s\S]*REPORT/);
    assert.match(await logOf('echo'), /seen \{'n': 7\}/);
  });

  it('takes new code and new settings with the next invocation', async () => {
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'echo', Environment: { Variables: { COLOR: 'red' } } }));
    assert.equal((await invoke('echo')).result['color'], 'red');
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'echo', ZipFile: zipOf('def handler(event, context):\n    return {"new": True}\n') }));
    assert.deepEqual((await invoke('echo')).result, { new: true });
  });

  it('keeps the code of a function no longer than the function, unless another is made of the same', async () => {
    const held = async () => (await readdir(join(place.state, 'functions'))).filter((name) => name.endsWith('.zip')).length;
    const before = await held();
    const source = 'def handler(event, context):\n    return {"same": True}\n';
    for (const name of ['first', 'second']) {
      await create(name, source);
      assert.deepEqual((await invoke(name)).result, { same: true });
    }
    // Code that nobody has any more, such as the old one of the test before, goes meanwhile.
    assert.ok((await held()) <= before + 1);
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'first' }));
    assert.deepEqual((await invoke('second')).result, { same: true });
    assert.ok((await held()) <= before + 1);
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'second' }));
    // Of a function that was given new code, the old code goes too.
    for (const until = Date.now() + 10_000; (await held()) > before && Date.now() < until; ) await delay(20);
    assert.ok((await held()) <= before, `${await held()} of ${before}`);
    assert.deepEqual((await invoke('echo')).result, { new: true });
  });

  it('takes no code that would fill the disk, nor what is no zip', async () => {
    // What a directory of a zip says of a file's size, 24 bytes into its entry, is what unpacking it takes.
    const bomb = Buffer.from(zipOf(ECHO));
    bomb.writeUInt32LE(270_000_000, bomb.indexOf(Buffer.from('PK\x01\x02', 'latin1')) + 24);
    await assert.rejects(create('bomb', '', { Code: { ZipFile: bomb } }), { name: 'InvalidParameterValueException', message: 'Unzipped size must be smaller than 262144000 bytes' });
    await assert.rejects(lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'echo', ZipFile: bomb })), { name: 'InvalidParameterValueException' });
    await assert.rejects(create('text', '', { Code: { ZipFile: strToU8('no zip') } }), { name: 'InvalidParameterValueException', message: /Could not unzip/ });
  });

  it('keeps an environment warm, as Lambda does, and makes another for a second invocation at the same time', async () => {
    await create('counter', 'import time\ncount = 0\ndef handler(event, context):\n    global count\n    count += 1\n    time.sleep(event.get("wait", 0))\n    return {"count": count}\n');
    assert.equal((await invoke('counter')).result['count'], 1);
    assert.equal((await invoke('counter')).result['count'], 2);
    const together = await Promise.all([invoke('counter', { wait: 0.5 }), invoke('counter', { wait: 0.5 })]);
    assert.deepEqual(together.map(({ result }) => result['count']).toSorted(), [1, 3]);
  });

  it('says what fails as Lambda does: an exception, code that cannot be loaded, a missing handler, too little time', async () => {
    await create('raises', 'def handler(event, context):\n    raise ValueError("no such row")\n');
    const raised = await invoke('raises');
    assert.equal(raised.failed, 'Unhandled');
    assert.deepEqual([raised.result['errorType'], raised.result['errorMessage']], ['ValueError', 'no such row']);
    assert.match(raised.tail, /\[ERROR\] ValueError: no such row/);
    assert.match(JSON.stringify([raised.result, raised.tail]), /\/var\/task\/handler\.py/);
    assert.ok(!JSON.stringify([raised.result, raised.tail]).includes(place.state), raised.tail);
    await create('imports', 'import nothing_of_the_kind\n');
    assert.match(String((await invoke('imports')).result['errorMessage']), /Unable to import module 'handler': No module named 'nothing_of_the_kind'/);
    await create('misses', 'x = 1\n');
    assert.equal((await invoke('misses')).result['errorType'], 'Runtime.HandlerNotFound');
    await create('sleeps', 'import time\ndef handler(event, context):\n    time.sleep(30)\n', { Timeout: 1 });
    assert.match(String((await invoke('sleeps')).result['errorMessage']), /Task timed out after 1.00 seconds/);
    await create('leaves', 'import os\ndef handler(event, context):\n    os._exit(3)\n');
    assert.equal((await invoke('leaves')).result['errorType'], 'Runtime.ExitError');
    await assert.rejects(lambda.send(new InvokeCommand({ FunctionName: 'nobody' })), { name: 'ResourceNotFoundException' });
  });

  it('takes what its code writes to any descriptor for output, and lives on', async () => {
    const source = 'import os\ndef handler(event, context):\n    for fd in range(3, 20):\n        for said in (b"not json\\n", b"null\\n", b"[1]\\n", b\'{"reach": 5}\\n\', b\'{"result": 5}\\n\'):\n            try:\n                os.write(fd, said)\n            except OSError:\n                pass\n    return {"done": True}\n';
    await create('writes', source);
    assert.deepEqual((await invoke('writes')).result, { done: true });
    assert.match((await invoke('writes')).tail, /not json/);
  });

  it('has room for so many at a time: beyond them a caller is told so, and an event waits', async () => {
    await create('waits', 'import os, time\ndef handler(event, context):\n    while not os.path.exists(event["until"]):\n        time.sleep(0.05)\n    return {"done": True}\n', { Timeout: 120 });
    const [first, second] = [join(place.state, 'first'), join(place.state, 'second')];
    const waiting = (until: string) => lambda.send(new InvokeCommand({ FunctionName: 'waits', Payload: Buffer.from(JSON.stringify({ until })) }));
    const refused: { name: string; message: string; $metadata: { httpStatusCode: number } }[] = [];
    const all = Promise.all(Array.from({ length: 30 }, () => waiting(first).catch((error: unknown) => void refused.push(error as (typeof refused)[number]))));
    while (refused.length < 10) await delay(20);
    await writeFile(first, '');
    await all;
    assert.deepEqual(refused.map(({ name, message, $metadata }) => `${$metadata.httpStatusCode} ${name}: ${message}`), Array<string>(10).fill('429 TooManyRequestsException: Rate Exceeded.'));
    refused.length = 0;
    const full = Promise.all(Array.from({ length: 25 }, () => waiting(second).catch((error: unknown) => void refused.push(error as (typeof refused)[number]))));
    while (refused.length < 5) await delay(20);
    const events_ = await Promise.all(Array.from({ length: 5 }, () => lambda.send(new InvokeCommand({ FunctionName: 'counter', InvocationType: 'Event', Payload: Buffer.from('{}') }))));
    assert.deepEqual(events_.map(({ StatusCode }) => StatusCode), Array<number>(5).fill(202));
    await writeFile(second, '');
    await full;
    for (let tries = 0; (await logOf('counter')).split('REPORT').length < 10 && tries < 100; tries++) await delay(50);
    assert.equal((await logOf('counter')).split('REPORT').length, 10);
  });

  it('is somewhere in the modelled network: a private address that is nobody\'s never answers', async () => {
    const source = 'import socket\ndef handler(event, context):\n    try:\n        socket.create_connection((event["host"], 5432), 0.5)\n        return {"answer": "open"}\n    except OSError as error:\n        return {"answer": type(error).__name__}\n';
    await create('dials', source);
    for (const host of ['10.11.12.13', '127.0.0.1', '198.18.7.7']) {
      assert.deepEqual((await invoke('dials', { host })).result, { answer: 'TimeoutError' }, host);
    }
  });

  it('invokes by EventBridge when time is pushed forward, if the function permits it', async () => {
    await assert.rejects(tickSandbox(1, { state: place.state }), (error: unknown) => UserError.is(error) && /Nothing is scheduled/.test(error.why ?? ''));
    for (const ScheduleExpression of ['rate(2 minute)', 'cron(0 0 * * * *)', 'every day']) {
      await assert.rejects(events.send(new PutRuleCommand({ Name: 'never', ScheduleExpression })), { name: 'ValidationException', message: 'Parameter ScheduleExpression is not valid.' });
    }
    await create('ticks', ECHO);
    const rule = await events.send(new PutRuleCommand({ Name: 'often', ScheduleExpression: 'rate(2 minutes)' }));
    await events.send(new PutTargetsCommand({ Rule: 'often', Targets: [{ Id: 'one', Arn: 'arn:aws:lambda:us-east-2:000000000000:function:ticks' }] }));
    let limitation: string | undefined;
    events.middlewareStack.add((next) => async (args) => {
      const result = await next(args);
      limitation = (result.response as { headers: Record<string, string> }).headers[LIMITATION_HEADER];
      return result;
    }, { step: 'deserialize', priority: 'high' });
    await events.send(new PutTargetsCommand({ Rule: 'often', Targets: [{ Id: 'one', Arn: 'arn:aws:lambda:us-east-2:000000000000:function:ticks' }] }));
    assert.equal(limitation, undefined);
    await events.send(new PutRuleCommand({ Name: 'elsewhere', EventPattern: '{"source":["x"]}' }));
    await events.send(new PutTargetsCommand({ Rule: 'elsewhere', Targets: [{ Id: 'one', Arn: 'arn:aws:sqs:us-east-2:000000000000:q' }] }));
    assert.equal(limitation, limitationHeader('events-targets'));
    const refused = await tickSandbox(1, { state: place.state });
    assert.equal(refused.failed, 1);
    assert.match(refused.errors[0] ?? '', /may not invoke/);

    await lambda.send(new AddPermissionCommand({ FunctionName: 'ticks', StatementId: 'x', Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com', SourceArn: rule.RuleArn }));
    const seen: number[] = [];
    const { ran, failed, now } = await tickSandbox(25, { state: place.state, onProgress: (_message, fraction) => seen.push(fraction ?? 0) });
    assert.deepEqual([ran, failed], [25, 0]);
    assert.ok(seen.length > 1 && seen.at(-1) === 1);
    const ahead = Date.parse(now) - Date.now();
    assert.ok(ahead > 49 * 60_000 && ahead <= 53 * 60_000, `${ahead} ms ahead`);
    const text = await logOf('ticks');
    assert.match(text, /'detail-type': 'Scheduled Event'/);

    await events.send(new DisableRuleCommand({ Name: 'often' }));
    await assert.rejects(tickSandbox(1, { state: place.state }), /could not do that/);
  });

  it('keeps functions and schedules across a stop', async () => {
    await events.send(new PutRuleCommand({ Name: 'often', ScheduleExpression: 'cron(0/5 * * * ? *)' }));
    await stopSandbox({ state: place.state });
    await startSandbox({ state: place.state });
    assert.deepEqual((await invoke('echo')).result, { new: true });
    assert.equal((await tickSandbox(2, { state: place.state })).ran, 2);
    await assert.rejects(askSandbox('nothing', {}, { state: place.state }), { code: 'sandbox.command' });
  });
});
