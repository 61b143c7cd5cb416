import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { programFile } from '../support/program.ts';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Starts `signalbox` as its own process, with nothing of this one's settings. */
export function start(args: readonly string[], { cwd, env = {} }: RunOptions): ChildProcess {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
  return spawn(process.execPath, [programFile('main'), ...args], {
    cwd,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...env },
  });
}

/** Runs `signalbox` to its end. */
export async function run(args: readonly string[], options: RunOptions): Promise<Ran> {
  const child = start(args, options);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin?.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Everything that a process has printed, and a wait for a line of it. */
export function listen(child: ChildProcess) {
  let text = '';
  const looking = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk;
      for (const look of looking) look();
    });
  }
  return {
    get text() {
      return text;
    },
    /** Resolves with the match once it has been printed; rejects where the process ends before. */
    async until(pattern: RegExp): Promise<RegExpExecArray> {
      return await new Promise((resolve, reject) => {
        const ended = () => reject(new Error(`it ended before ${pattern}:\n${text}`));
        const look = () => {
          const match = pattern.exec(text);
          if (match === null) return;
          looking.delete(look);
          child.off('close', ended);
          resolve(match);
        };
        looking.add(look);
        child.once('close', ended);
        look();
      });
    },
  };
}
