import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { programFile } from './program.ts';
import { projectEnv } from './project.ts';

/** A real `signalbox up` in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL: nothing is finished, nothing is said. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts a server for a project folder and resolves when it answers. */
export async function startServer(root: string, env: Record<string, string> = {}): Promise<ServerProcess> {
  const args = [
    programFile('main'),
    'up',
    '--project',
    root,
    '--port',
    '0',
    '--json',
    '--log-level',
    'error',
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...projectEnv, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const said = lineOf(line);
    if (said?.up !== true) continue;
    child.stdout.resume();
    return {
      url: said.url,
      pid: child.pid ?? 0,
      kill: () => end(child, 'SIGKILL'),
      stop: async () => end(child, 'SIGTERM'),
    };
  }
  throw new Error(`signalbox up ended before it answered:\n${errors}`);
}

function lineOf(line: string): { up: boolean; url: string } | null {
  try {
    return JSON.parse(line) as { up: boolean; url: string };
  } catch {
    return null;
  }
}

async function end<T>(child: ChildProcess, signal: NodeJS.Signals): Promise<T> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode as T;
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
  return child.exitCode as T;
}
