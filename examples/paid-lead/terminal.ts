import { styleText } from 'node:util';

/** How a line is meant: plain, a good end, a stop that a person must settle, something that did not go as expected. */
export type Tone = 'plain' | 'good' | 'stop' | 'bad';

/** Where the stories are told. */
export interface Terminal {
  heading(text: string, promise: string): void;
  /** One rung of the ladder: when (ms since the trigger; null before it), where on the ladder, what happened. */
  rung(afterMs: number | null, name: string, text: string, tone?: Tone): void;
  verdict(text: string, tone: Tone): void;
  line(text?: string): void;
}

const rungChars = 11;
const indent = ' '.repeat(2 + 8 + 2 + rungChars + 1);

/** Tells on a stream; with colour where it is a terminal that shows it and NO_COLOR does not forbid it. */
export function openTerminal(stream: NodeJS.WriteStream): Terminal {
  const write = (text: string): void => void stream.write(`${text}\n`);
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream });
  const tones = {
    plain: (text: string) => text,
    good: (text: string) => paint('green', text),
    stop: (text: string) => paint('yellow', text),
    bad: (text: string) => paint('red', text),
  };
  const width = Math.min(Math.max(stream.columns ?? 100, 60), 120);

  return {
    heading(text, promise) {
      write('');
      write(paint('bold', text));
      for (const line of wrap(promise, width - 2)) write(paint('dim', `  ${line}`));
    },
    rung(afterMs, name, text, tone = 'plain') {
      const [first = '', ...rest] = text.split('\n').flatMap((line) => wrap(line, width - indent.length));
      const when = (afterMs === null ? '' : `+${(afterMs / 1000).toFixed(2)} s`).padStart(8);
      write(`  ${paint('dim', when)}  ${name.padEnd(rungChars)} ${tones[tone](first)}`);
      for (const line of rest) write(`${indent}${tones[tone](line)}`);
    },
    verdict: (text, tone) => write(`  ${tones[tone](text)}`),
    line: (text = '') => write(text),
  };
}

/** Breaks a line at spaces; what follows the first line keeps the indent that the line began with, and two more. */
function wrap(text: string, chars: number): string[] {
  const lead = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let line = '';
  for (const word of text.trimStart().split(' ')) {
    if (line !== '' && line.length + 1 + word.length > chars) {
      lines.push(line);
      line = `${lead}${word}`;
    } else {
      line = line === '' ? `${lead}${word}` : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
