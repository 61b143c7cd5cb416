#!/usr/bin/env node
// Runs on any Node ≥ 18, so that an old one gets the runtime that Signalbox needs instead of a stack trace.
import { spawn, spawnSync } from 'node:child_process';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

// Node keeps what it has compiled for the next time (in NODE_COMPILE_CACHE, or among the temporary files).
module.enableCompileCache?.();

if (major > 22 || (major === 22 && minor >= 19)) await import(main.href);
else runWith(newerNode());

/** The path of a Node 24 from npm's cache, fetched into it where it is missing. */
function newerNode() {
  const asked = ['--yes', '--package=node@24', '--', 'node', '-p', 'process.execPath'];
  const npx = spawnSync('npx', asked, { encoding: 'utf8', shell: process.platform === 'win32' });
  const path = npx.stdout?.trim().split('\n').at(-1);
  if (npx.status === 0 && path) return path;
  process.stderr.write(
    `Signalbox needs Node 22.19 or newer; this is ${process.versions.node}, and npm could not fetch a newer one.\n` +
      'Install Node 24, or put it beside Signalbox: npm install node@24\n',
  );
  process.exit(1);
}

/** Runs the program with another Node: its signals, its exit code. */
function runWith(node) {
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}
