import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileContract } from '../../src/contract/schema.ts';
import { valuesOf } from '../../src/workflow/cases/arbitrary.ts';
import { readTar } from '../support/corpora.ts';

/** Payloads are made from any contract: of every schema of the suite, and without an end to none. */

interface Group {
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly { readonly valid: boolean }[];
}

const archive = new URL('../../../shared/corpora/json-schema-test-suite/suite.tar.gz', import.meta.url);
const suite = existsSync(archive) ? readTar(archive) : null;

describe.skipIf(suite === null)('values made from schemas (skipped without ../shared/corpora)', () => {
  test.each([
    [
      'draft2020-12',
      'https://json-schema.org/draft/2020-12/schema',
      0.92,
      'what $dynamicRef and unevaluatedItems demand is left to chance',
    ],
    ['draft4', 'http://json-schema.org/draft-04/schema#', 0.97, 'what this run gave, rounded down'],
  ])('%s: of most schemas a few tries make a value that they allow', (folder, $schema, least, reason) => {
    const { made, of, without } = run(folder, $schema);
    expect(of).toBeGreaterThan(100);
    expect(made / of, `${reason}; without:\n${without.join('\n')}`).toBeGreaterThanOrEqual(least);
  });
});

function run(folder: string, $schema: string) {
  let made = 0;
  const without: string[] = [];
  for (const { file, description, schema, tests } of groupsOf(folder)) {
    const document = typeof schema === 'object' && schema !== null ? { $schema, ...schema } : schema;
    const contract = compiled(document);
    // What no case of the suite satisfies may be satisfied by nothing at all.
    if (contract === null || !tests.some(({ valid }) => valid)) continue;
    const values = fc.sample(valuesOf(contract.schema, { texts: [], numbers: [] }), { seed: 7, numRuns: 30 });
    const allowed = values.some((value) => contract.validate(JSON.parse(JSON.stringify(value))).length === 0);
    if (allowed) made += 1;
    else without.push(`${file}: ${description}`);
  }
  return { made, of: made + without.length, without };
}

function groupsOf(folder: string): (Group & { readonly file: string })[] {
  return [...(suite ?? [])].flatMap(([file, bytes]) => {
    if (!file.includes(`tests/${folder}/`) || file.includes('/optional/') || !file.endsWith('.json'))
      return [];
    const groups = JSON.parse(bytes.toString()) as Group[];
    return groups.map((group) => ({ ...group, file }));
  });
}

function compiled(document: unknown) {
  try {
    return compileContract({ document, pointer: '', name: 'suite' });
  } catch {
    return null;
  }
}
