// Makes dist/ from src/, and dist/console from console/: what the published package runs and serves. Any Node >= 20; works in a fresh clone (`npm pack`).
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConsole } from './console.mjs';
import { install } from './install.mjs';

const project = fileURLToPath(new URL('..', import.meta.url));

process.exitCode = build();

function build() {
  const installed = install();
  if (installed !== 0) return installed;
  rmSync(join(project, 'dist'), { recursive: true, force: true });
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: project,
    // npm reads our standard output when it packs (`npm pack --json`): whatever tsc says goes to standard error.
    stdio: ['ignore', 2, 2],
  });
  if (error) throw error;
  if (status !== 0) return status ?? 1;
  const main = join(project, 'dist/main.js');
  if (!existsSync(main)) {
    console.error(`signalbox: ${main} was not built: tsconfig.build.json no longer takes in src/main.ts.`);
    return 1;
  }
  chmodSync(main, 0o755);
  return buildConsole({ always: true });
}
