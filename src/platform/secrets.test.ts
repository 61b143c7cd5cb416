import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { SecretRef } from '../workflow/project.ts';
import { readSecret } from './secrets.ts';

const root = mkdtempSync(join(tmpdir(), 'signalbox-secrets-'));
afterAll(() => rmSync(root, { recursive: true }));
writeFileSync(join(root, 'two'), '  new-value \r\n\nold-value\n');
writeFileSync(join(root, 'empty'), ' \n');

const env = { TOKEN: ' value ', BLANK: '  ' };

const read: readonly [ref: SecretRef, values: string[], reason: string][] = [
  [{ env: 'TOKEN' }, ['value'], 'trimmed'],
  [{ file: 'two' }, ['new-value', 'old-value'], 'one a line, the one in use first'],
  [{ file: join(root, 'two') }, ['new-value', 'old-value'], 'an absolute path'],
];

test.each(read)('%j is %j: %s', (ref, values) => {
  expect(readSecret(ref, env, root)).toEqual(values);
});

const refused: readonly [ref: SecretRef, named: string, reason: string][] = [
  [{ env: 'UNSET' }, 'UNSET', 'not set'],
  [{ env: 'BLANK' }, 'BLANK', 'set to nothing'],
  [{ file: 'empty' }, 'empty', 'nothing in it'],
  [{ file: 'missing' }, 'missing', 'no such file'],
];

test.each(refused)('%j is refused, naming %s: %s', (ref, named) => {
  const expected = expect.objectContaining({
    code: 'invalid_project',
    message: expect.stringContaining(named),
  });
  expect(() => readSecret(ref, env, root)).toThrow(expected);
});
