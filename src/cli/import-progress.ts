import { type Tally, tallyText } from './import-tally.ts';
import { tame } from './output.ts';

export interface Progress {
  /** How far it is, at most a few times a second: `rows` in this run. */
  show(tally: Tally, rows: number): void;
  /** A line that stays. */
  say(text: string): void;
  end(): void;
}

/** Progress on standard error: one line that is written over on a terminal, else a line now and then. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  const everyMs = stream.isTTY ? 200 : 5_000;
  const started = performance.now();
  let shown = started;
  let standing = false;

  const clear = () => {
    if (standing) stream.write('\r\u001b[2K');
    standing = false;
  };
  return {
    show(tally, rows) {
      const now = performance.now();
      if (now - shown < everyMs) return;
      shown = now;
      const text = tallyText(tally, (rows / (now - started)) * 1_000);
      clear();
      stream.write(stream.isTTY ? text : `${text}\n`);
      standing = stream.isTTY;
    },
    say(text) {
      clear();
      stream.write(`${tame(text)}\n`);
    },
    end: clear,
  };
}
