// Makes a recorded lake again, call by call: one process, one connection, each call after the answer to the one before.
// `node replay.mjs ENDPOINT SCRIPT.json`. It neither loads an SDK nor signs, so it is quicker than a script that people would write.
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { idsIn } from './recorded.mjs';

const [endpoint, file] = process.argv.slice(2);
const base = new URL(endpoint);
const calls = JSON.parse(await readFile(file, 'utf8'));
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const renamed = new Map();

/** Puts today's ids in place of the recorded ones. */
function current(text) {
  for (const id of new Set(idsIn(text))) if (renamed.has(id)) text = text.replaceAll(id, renamed.get(id));
  return text;
}

function send({ method, path, headers, body }) {
  const bytes = Buffer.from(current(Buffer.from(body, 'base64').toString('latin1')), 'latin1');
  const { 'content-length': _, 'transfer-encoding': __, expect: ___, connection: ____, ...rest } = headers;
  return new Promise((resolve, reject) => {
    const ask = request(
      { host: base.hostname, port: base.port, agent, method, path: current(path), headers: { ...rest, host: base.host, 'content-length': bytes.length } },
      async (answer) => {
        const parts = [];
        for await (const part of answer) parts.push(part);
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString('latin1') });
      },
    );
    ask.on('error', reject);
    ask.end(bytes);
  });
}

for (const call of calls) {
  const { status, text } = await send(call);
  if (status < 200 || status > 299) {
    throw new Error(`${call.method} ${call.path}: ${status} ${text.slice(0, 300)}`);
  }
  const now = idsIn(text);
  idsIn(call.answer).forEach((id, index) => {
    if (now[index] && !renamed.has(id)) renamed.set(id, now[index]);
  });
}
agent.destroy();
