import { styleText } from 'node:util';
import { limits } from '../limits.ts';

/** How text for people is marked up; plain where the output is no terminal or NO_COLOR is set. */
export type Style = 'good' | 'bad' | 'warn' | 'dim' | 'strong' | 'name';

/** Marks up text for one stream. */
export type Paint = (style: Style, text: string) => string;

const formats = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  dim: 'dim',
  strong: 'bold',
  name: 'cyan',
} as const;

export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(formats[style], text, { stream });
}

/** No markup at all. */
export const plain: Paint = (_style, text) => text;

/** Writes a line for people to standard output. */
export function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a result for programs to standard output. */
export function sayJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Control characters, and those that turn the direction of what follows. */
export const unshowable = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** What foreign text must not do to a terminal: control characters become a visible stand-in, line ends a space. */
export function tame(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').replace(unshowable, '\ufffd');
}

/** How to see what a list left out. `narrower`: the options that leave fewer. */
export function moreText(limit: string, narrower: string): string {
  const next = Math.min(limits.pageRowsMax, Number(limit) * 4);
  return next > Number(limit)
    ? `There are more: --limit ${next}`
    : `There are more: narrow them with ${narrower}`;
}

/** Rows as aligned columns, two spaces apart, with a dim heading; the last column is not padded. Cells are foreign text. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string {
  const cells = rows.map((row) => row.map(tame));
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ');
  return [paint('dim', line(heading)), ...cells.map(line)].join('\n');
}
