// Builds the console (dist/console) where it is missing or older than its source; instant where there is nothing to do.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const built = join(project, 'dist/console/index.html');

/** Returns the exit code. */
export function buildConsole({ always = false } = {}) {
  if (!always && isFresh()) return 0;
  const vite = join(project, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', join(project, 'console'), '--logLevel', 'warn'];
  // npm reads our standard output when it packs: whatever Vite says goes to standard error.
  // A test run says NODE_ENV=test, with which React would be its slow self.
  const env = { ...process.env, NODE_ENV: 'production' };
  const options = { cwd: project, env, stdio: ['ignore', 2, 2] };
  const { status, error } = spawnSync(process.execPath, args, options);
  if (error) throw error;
  return status ?? 1;
}

function isFresh() {
  const made = statSync(built, { throwIfNoEntry: false });
  if (made === undefined) return false;
  const sources = readdirSync(join(project, 'console'), { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile() && !each.parentPath.includes('node_modules'))
    .map((each) => join(each.parentPath, each.name));
  const packages = join(project, 'package-lock.json');
  return [...sources, packages].every((path) => statSync(path).mtimeMs <= made.mtimeMs);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = buildConsole();
