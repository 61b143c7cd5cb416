import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server under test in a process of its own. */
export interface ServerUnderTest {
  readonly port: number;
  /** Nothing of it runs until `resume`: what waits for its turn must not disturb the other. */
  pause(): void;
  resume(): void;
  /** Throws where it has ended, which it should not have by itself. */
  assertRuns(): void;
  /** Ends it; throws where it did not end well. */
  stop(): Promise<void>;
}

/** Starts a script that sends `{ url }` to its parent when it answers, and stops at SIGTERM. What it logs is no part of a report. */
export async function startServer(script: string, env: Record<string, string>): Promise<ServerUnderTest> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    execArgv: process.env.BENCH_NODE_ARGS?.split(' ') ?? [],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const ended = once(child, 'exit');
  const said = await Promise.race([once(child, 'message'), ended.then(() => null)]);
  if (said === null) throw new Error(`${script} ended before it answered`);
  const { url } = said[0] as { url: string };
  return {
    port: Number(new URL(url).port),
    pause: () => signal(child, 'SIGSTOP'),
    resume: () => signal(child, 'SIGCONT'),
    assertRuns: () => {
      if (child.exitCode === null && child.signalCode === null) return;
      throw new Error(`${script} ended with ${child.exitCode ?? child.signalCode}`);
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        signal(child, 'SIGCONT');
        signal(child, 'SIGTERM');
        await ended;
      }
      if (child.exitCode !== 0) throw new Error(`${script} ended with ${child.exitCode ?? child.signalCode}`);
    },
  };
}

/** Windows has no way to stop a process for a while: there the one that waits is merely idle. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (process.platform === 'win32' && name !== 'SIGTERM') return;
  child.kill(name);
}
