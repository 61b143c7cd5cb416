import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestDatabase } from './database.ts';
import { projectEnv, type TestProject } from './project.ts';

/**
 * Starts a server of its own process, which dies by SIGKILL at a step of a handoff (`none`: at none). Resolves when it is up;
 * `url` null: it died before it could say so, at the step of a handoff that another has left.
 */
export async function startCrashing(project: TestProject, database: TestDatabase, step: string) {
  const script = fileURLToPath(new URL('crashing-server.ts', import.meta.url));
  const child = spawn(process.execPath, [script, project.root, step], {
    env: { ...process.env, ...projectEnv, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"up"')) return { child, gone, url: (JSON.parse(line) as { url: string }).url };
  }
  return { child, gone, url: null };
}
