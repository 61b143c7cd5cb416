import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileContract } from '../../src/contract/schema.ts';
import { readTar } from '../support/corpora.ts';

interface Group {
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

const archive = new URL('../../../shared/corpora/json-schema-test-suite/suite.tar.gz', import.meta.url);
const suite = existsSync(archive) ? readTar(archive) : null;

/** What is ours to decide, and decided otherwise than the suite's default. */
const byDesign = [
  [
    /"http:\/\/localhost:1234\//,
    'a contract is one document: a $ref out of it is refused with a clear error',
  ],
  [/only an annotation by default/, '`format` is checked: a contract that says e-mail means it'],
] as const;

/** Per draft: its folder in the suite, its `$schema`, and the least share of required cases that must agree. */
const drafts = [
  [
    'draft2020-12',
    'https://json-schema.org/draft/2020-12/schema',
    0.952,
    "Ajv's own figure in the corpora's README",
  ],
  [
    'draft2019-09',
    'https://json-schema.org/draft/2019-09/schema',
    0.978,
    "Ajv's own figure in the corpora's README",
  ],
  ['draft7', 'http://json-schema.org/draft-07/schema#', 0.991, "Ajv's own figure in the corpora's README"],
  [
    'draft6',
    'http://json-schema.org/draft-06/schema#',
    0.98,
    'no figure there: what this run gave, rounded down',
  ],
  [
    'draft4',
    'http://json-schema.org/draft-04/schema#',
    0.98,
    'no figure there: what this run gave, rounded down',
  ],
] as const;

describe.skipIf(suite === null)('JSON Schema Test Suite (skipped without ../shared/corpora)', () => {
  test.each(drafts)('%s', (folder, $schema, least, reason) => {
    const { agreed, differing, total } = run(folder, $schema);
    expect(agreed / total, `${reason}; differing:\n${differing.join('\n')}`).toBeGreaterThanOrEqual(least);
  });
});

function run(folder: string, $schema: string) {
  const differing: string[] = [];
  let agreed = 0;
  let total = 0;
  for (const [file, text] of suite ?? []) {
    const [, keyword] =
      new RegExp(`^json-schema-test-suite/tests/${folder}/([\\w-]+)\\.json$`).exec(file) ?? [];
    if (keyword === undefined) continue;
    for (const group of JSON.parse(text.toString('utf8')) as Group[]) {
      for (const [index, verdict] of verdictsOf(group, $schema).entries()) {
        const each = group.tests[index];
        const described = `${JSON.stringify(group.schema)} ${each?.description}`;
        if (byDesign.some(([pattern]) => pattern.test(described))) continue;
        total += 1;
        if (verdict === each?.valid) agreed += 1;
        else differing.push(`${keyword}: ${group.description}: ${each?.description}`);
      }
    }
  }
  return { agreed, differing, total };
}

/** What we say of each case; null where the contract is refused. */
function verdictsOf({ schema, tests }: Group, $schema: string): (boolean | null)[] {
  const document = typeof schema === 'object' ? { $schema, ...schema } : schema;
  try {
    const contract = compileContract({ document, pointer: '', name: 'suite' });
    return tests.map(({ data }) => contract.validate(data).length === 0);
  } catch {
    return tests.map(() => null);
  }
}
