#!/usr/bin/env node
// Stands in for the VS Code executable that @vscode/test-electron spawns:
//   launcher.mjs --extensionDevelopmentPath=… --extensionTestsPath=… [folder] [--extensions-dir=…] [--user-data-dir=…]
// The exit code is the tests'. LAKE_TUTORIAL_LOCALE, _THEME, _SETTINGS (JSON) and _TEST_TIMEOUT (seconds) shape the start.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, parseArgs } from 'node:util';
import { startServer } from './server.mjs';
import { openPage } from './workbench.mjs';

const EXIT_NOT_STARTED = 70;
const EXIT_TIMEOUT = 124;
const WORKBENCH_CHATTER = /^(Resolv(ing|ed) connection token|Creating a socket|Updating additional builtin|Creation of workbench contribution|Ignoring fetching additional|\[(reconnection-grace-time|Service Worker|AgentHost|AccountPolicyGate))/;

const { values, positionals } = parseArgs({
  strict: false, // desktop VS Code's many other flags mean nothing here
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: 'string', multiple: true },
    extensionTestsPath: { type: 'string' },
    'extensions-dir': { type: 'string' },
    'user-data-dir': { type: 'string' },
  },
});
if (!values.extensionDevelopmentPath || !values.extensionTestsPath) {
  console.error('usage: launcher.mjs --extensionDevelopmentPath=PATH --extensionTestsPath=FILE [folder]');
  process.exit(2);
}

const opened = [];
let ending = false;
/** Ends everything that was started, the latest first, then this process. */
async function end(code) {
  if (ending) return;
  ending = true;
  for (const close of opened.reverse()) await close().catch(() => {});
  process.exit(code);
}
process.on('SIGINT', () => end(130));
process.on('SIGTERM', () => end(143));
process.on('SIGHUP', () => end(129));

const seconds = Number(process.env.LAKE_TUTORIAL_TEST_TIMEOUT ?? 900);
setTimeout(() => {
  console.error(`The extension's tests did not end within ${seconds} s (LAKE_TUTORIAL_TEST_TIMEOUT).`);
  void end(EXIT_TIMEOUT);
}, seconds * 1000).unref();

try {
  const verbose = process.env.LAKE_TUTORIAL_HOST_LOG ? (line) => console.error(line) : () => {};
  const server = await startServer({
    folder: positionals[0],
    testable: true,
    extensionsDir: values['extensions-dir'],
    settings: { ...profileSettings(values['user-data-dir']), ...themeSetting(), ...JSON.parse(process.env.LAKE_TUTORIAL_SETTINGS ?? '{}') },
    log: verbose,
  });
  opened.push(server.close);
  void server.exited.then(() => {
    if (!ending) console.error('The VS Code server ended before the tests did.');
    return end(EXIT_NOT_STARTED);
  });

  const { browser, page } = await openPage({ locale: process.env.LAKE_TUTORIAL_LOCALE });
  opened.push(() => browser.close());
  page.on('crash', () => {
    console.error('The browser page crashed.');
    void end(EXIT_NOT_STARTED);
  });
  page.on('console', (message) => verbose(`[page] ${message.text()}`));
  await page.exposeFunction('codeAutomationLog', (type, args) => {
    const line = format(...args);
    if (isWorkbenchs(type, line)) return verbose(line);
    (type === 'error' || type === 'warn' ? process.stderr : process.stdout).write(`${line}\n`);
  });
  await page.exposeFunction('codeAutomationExit', (code) => void end(code));
  await page.goto(server.url([
    ...values.extensionDevelopmentPath.map((path) => ['extensionDevelopmentPath', server.remote(path)]),
    ['extensionTestsPath', server.remote(values.extensionTestsPath)],
    ['skipWelcome', 'true'],
  ]));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await end(EXIT_NOT_STARTED);
}

/** The workbench's own lines share the log with the tests'; LAKE_TUTORIAL_HOST_LOG=1 shows them too. */
function isWorkbenchs(type, line) {
  // A failed test is reported on `info`, whatever its stack.
  return WORKBENCH_CHATTER.test(line) || (type !== 'info' && line.includes('/static/out/vs/') && !line.includes('file://'));
}

function themeSetting() {
  const theme = process.env.LAKE_TUTORIAL_THEME;
  return theme ? { 'workbench.colorTheme': theme } : {};
}

/** A profile folder would carry one start's locks into the next, so only its settings are taken. */
function profileSettings(dir) {
  if (!dir) return {};
  try {
    return JSON.parse(readFileSync(join(dir, 'User', 'settings.json'), 'utf8'));
  } catch {
    return {};
  }
}
