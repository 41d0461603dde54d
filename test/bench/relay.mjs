// A network between a program and a local AWS: every request is held for a while, then passed on, any number at a time.
// Run as a process of its own: `node relay.mjs UPSTREAM HOLD_MS`. Prints its address as a line of JSON; ends when its stdin does.
// `/-/calls` tells, and forgets, how long the upstream took for each call: `[{ms}]`.
import { Agent, createServer, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const [upstreamUrl = '', holdText = '50'] = process.argv.slice(2);
const upstream = new URL(upstreamUrl);
const hold = Number(holdText);
const agent = new Agent({ keepAlive: false, maxSockets: Infinity });

// A recording holds the answered requests in the order in which they were answered.
let recording = null;
const calls = [];

const server = createServer(async (incoming, outgoing) => {
  const at = performance.now();
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (incoming.url === '/_relay/record') {
    recording = [];
    outgoing.end();
    return;
  }
  if (incoming.url === '/_relay/recorded') {
    outgoing.end(JSON.stringify(recording ?? []));
    recording = null;
    return;
  }
  if (incoming.url === '/-/calls') {
    outgoing.end(JSON.stringify(calls.splice(0)));
    return;
  }
  if (hold > 0) await delay(hold);
  const { method, url: path, headers } = incoming;
  const sent = performance.now();
  const onward = request({ host: upstream.hostname, port: upstream.port, method, path, headers: { ...headers, connection: 'close' }, agent }, async (answer) => {
    const parts = [];
    for await (const part of answer) parts.push(part);
    const text = Buffer.concat(parts);
    calls.push({ ms: performance.now() - sent });
    recording?.push({ at, ms: performance.now() - at, method, path, headers, body: body.toString('base64'), status: answer.statusCode, answer: text.toString('latin1'), location: answer.headers.location });
    const { connection, 'keep-alive': _, 'transfer-encoding': __, ...rest } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 502, method === 'HEAD' ? rest : { ...rest, 'content-length': text.length });
    outgoing.end(text);
  });
  onward.on('error', () => outgoing.destroy());
  onward.end(body);
});
server.keepAliveTimeout = 60_000;
// Like AWS's front ends it accepts a request before it looks at the body.
server.on('checkContinue', (incoming, outgoing) => {
  outgoing.writeContinue();
  server.emit('request', incoming, outgoing);
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })}\n`));
process.stdin.resume().on('end', () => process.exit(0));
