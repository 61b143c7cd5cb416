import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { diagnosticCodes } from '../diagnostics.ts';
import { diagnosticPages } from './pages.ts';
import { diagnosticsMarkdown } from './reference.ts';

const golden = readFileSync(new URL('../mistakes.golden.txt', import.meta.url), 'utf8');
const page = new URL('../../../docs/reference/diagnostics.md', import.meta.url).pathname;
const codes = Object.keys(diagnosticCodes);

test('docs/reference/diagnostics.md says what the codes and their examples say', async () => {
  await expect(diagnosticsMarkdown(golden)).toMatchFileSnapshot(page);
});

test('every code says why it matters and what to write instead', () => {
  expect(Object.keys(diagnosticPages).sort()).toEqual([...codes].sort());
  const empty = Object.entries(diagnosticPages).filter(
    ([, { why, instead }]) => !/[.?]$/.test(why) || instead === '',
  );
  expect(empty).toEqual([]);
});

test('every code has its section, and an example of what is said', () => {
  const sections = new Map(
    diagnosticsMarkdown(golden)
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.slice(0, 5), section]),
  );
  expect([...sections.keys()]).toEqual(codes);
  const bare = codes.filter((code) => !sections.get(code)?.includes(`[${code}]: `));
  // A file of 16 MB is no example, nor is one that has to be run; what is wrong with cases is shown where they are run.
  expect(bare).toEqual(['SB105', 'SB106', 'SB180', 'SB181', 'SB182', 'SB183']);
});
