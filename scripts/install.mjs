// Installs the packages where `node_modules` is missing or stale; run before `npm start` and `npm test`.
// Any Node >= 20, and no dependencies: it runs when nothing is installed yet. Instant where there is nothing to do.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));

/** Installs the packages of a folder if they are not there as its `package-lock.json` has them. Returns npm's exit code. */
export function install(folder = project) {
  const lockText = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lockText).digest('hex');
  if (isInstalled(folder, hash)) return 0;
  return alone(folder, () => {
    // Another one may have installed them while we waited; or a person has, by hand.
    if (isInstalled(folder, hash)) return 0;
    if (!matches(folder, lockText)) {
      const code = npmInstall(folder);
      if (code !== 0) return code;
    }
    writeFileSync(markerOf(folder), hash);
    return 0;
  });
}

function markerOf(folder) {
  return join(folder, 'node_modules/.signalbox-install');
}

function isInstalled(folder, hash) {
  try {
    return readFileSync(markerOf(folder), 'utf8') === hash;
  } catch {
    return false;
  }
}

/** Whether npm's own record of what it installed (written last) agrees with the lock file: then somebody ran npm already. */
function matches(folder, lockText) {
  try {
    const wanted = JSON.parse(lockText).packages;
    const present = JSON.parse(
      readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'),
    ).packages;
    return Object.entries(wanted).every(
      ([path, entry]) =>
        path === '' || (present[path] === undefined ? entry.optional : same(present[path], entry)),
    );
  } catch {
    return false;
  }
}

function same(present, wanted) {
  return present.version === wanted.version && present.integrity === wanted.integrity;
}

/**
 * Runs npm with its own output; its failure is told in its own words.
 * `install --no-save` and not `ci`: it keeps to the lock file and leaves it as it is too, but it does not remove the Node
 * that may be running this, and it takes a lock file that lacks other platforms' optional packages.
 */
function npmInstall(folder) {
  console.error('signalbox: installing packages, once');
  // npm's warnings are of the Node that is here; what runs later is the pinned one, which this installs.
  const args = ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  // The npm that runs us, with the Node that runs it; by hand (`node scripts/install.mjs`) the one of the PATH.
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const options = { cwd: folder, stdio: ['ignore', 2, 2] };
  const result = npm?.endsWith('.js')
    ? spawnSync(node ?? process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (result.error) {
    console.error(
      `signalbox: npm could not be run: ${result.error.message}. Run "npm install" in ${folder} yourself.`,
    );
    return 1;
  }
  if (result.status !== 0) {
    console.error('signalbox: npm failed, see above. Once that is repaired, run the same command again.');
    return result.status ?? 1;
  }
  if (!existsSync(join(folder, 'node_modules/.bin/node')) && dependsOnNode(folder)) {
    console.error('signalbox: npm ran no install scripts, so the pinned Node is missing.');
    console.error('Run "npm install --no-save --ignore-scripts=false" and try again.');
    return 1;
  }
  return 0;
}

function dependsOnNode(folder) {
  const { devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return devDependencies?.node !== undefined;
}

/** Runs `act` while no other process does so for the same folder; a lock left by a dead process is taken over. */
function alone(folder, act) {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const lock = join(tmpdir(), `signalbox-install-${name}.lock`);
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isDead(lock)) rmSync(lock, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    return act();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isDead(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    // Empty: it is being written at this moment.
    if (pid !== 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = install();
