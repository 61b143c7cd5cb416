import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { challengePresets, presets } from '../../src/intake/presets.ts';
import { challengeKeys } from '../../src/workflow/challenge-schema.ts';
import { schemeKeys } from '../../src/workflow/verify-schema.ts';
import { sourceOf } from '../support/verify.ts';

/** docs/reference/signatures.md is what somebody with a vendor's page has: it must be true, and compile. */

const text = readFileSync(new URL('../../docs/reference/signatures.md', import.meta.url), 'utf8');
const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
const after = (mark: string) => parse(/```yaml\n([\s\S]*?)```/.exec(text.split(mark)[1] ?? '')?.[1] ?? '');

test('the presets are what the page shows', () => {
  expect(after('<!-- presets -->')).toEqual(presets);
  expect(after('<!-- challenges -->')).toEqual(challengePresets);
});

test.each([...schemeKeys, ...challengeKeys])('the page explains the key `%s`', (key) => {
  expect(text).toMatch(new RegExp(`^\\|[^|]*\`${key}[\`.]`, 'm'));
});

describe('every example compiles', () => {
  const examples = blocks.filter((block) => /^(#.*\n)?verify:/.test(block));
  test('there are more than ten', () => expect(examples.length).toBeGreaterThan(10));
  test.each(examples)('%s', (example) => {
    expect(sourceOf(example).verify).not.toBeNull();
  });
});
