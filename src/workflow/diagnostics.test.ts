import { expect, test } from 'vitest';
import { type Diagnostic, formatDiagnostic } from './diagnostics.ts';

const misspelt: Diagnostic = {
  file: 'workflows/lead.yaml',
  line: 12,
  column: 3,
  length: 4,
  code: 'SB110',
  severity: 'error',
  message: 'unknown key `ownr`, did you mean `owner`?',
  help: '`owner: team:triage`: Who takes an exception first.',
};

function text(line: string): string {
  return `${'\n'.repeat(11)}${line}\nnext: line\n`;
}

test('prints position, source line, underline, and help', () => {
  expect(formatDiagnostic(misspelt, text('  ownr: team:web'))).toBe(
    [
      'error[SB110]: unknown key `ownr`, did you mean `owner`?',
      '  --> workflows/lead.yaml:12:3',
      '   |',
      '12 |   ownr: team:web',
      '   |   ^^^^',
      '   = help: `owner: team:triage`: Who takes an exception first.',
    ].join('\n'),
  );
});

test.each<[string, Partial<Diagnostic>, string | undefined, string[], string]>([
  [
    'the line is repeated',
    {},
    text('\t\townr: x'),
    ['12 | \t\townr: x', '   | \t\t^^^^'],
    'tabs keep their width',
  ],
  ['no line', {}, undefined, [], 'the file is not at hand'],
  ['no line', { line: 90 }, text('a'), [], 'the file has become shorter'],
  ['no line', { code: 'SB115' }, text('  secret: hunter2'), [], 'a secret is not repeated'],
  [
    'the end of the line',
    { column: 200, length: 50 },
    text(`${'x'.repeat(199)}ownr`),
    [`12 | ${'x'.repeat(39)}ownr`, `   | ${' '.repeat(39)}^^^^`],
    'a minified line is shown around the place',
  ],
  [
    'marks',
    {},
    text('  ow\u001b[31m: x'),
    ['12 |   ow�[31m: x', '   |   ^^^^'],
    'no escape sequence reaches the terminal',
  ],
])('%s: %j', (_, change, source, expected) => {
  const rows = formatDiagnostic({ ...misspelt, ...change }, source).split('\n');
  expect(rows.slice(3, -1)).toEqual(expected);
});

test('colours only when asked', () => {
  const start = '\u001b[';
  expect(formatDiagnostic(misspelt, text('  ownr: x'))).not.toContain(start);
  expect(formatDiagnostic(misspelt, text('  ownr: x'), { colours: true })).toContain(`${start}31m`);
});
