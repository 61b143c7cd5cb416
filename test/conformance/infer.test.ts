import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { compileContract } from '../../src/contract/schema.ts';
import { observe } from '../../src/infer/observe.ts';
import { schemaOf } from '../../src/infer/schema.ts';
import type { Shape } from '../../src/infer/shape.ts';

/** A contract inferred from half of the payloads of a kind accepts the other half, or says what it did not expect. */

interface Recorded {
  readonly payload?: unknown;
  readonly object?: unknown;
  readonly event?: string;
  readonly trigger?: string;
  readonly resource?: string;
  readonly provider?: string;
}

const folder = new URL('../../../shared/corpora/', import.meta.url);
const present = existsSync(folder);

/** The payloads of a corpus by kind, in its order. */
function kindsOf(file: string): Map<string, unknown[]> {
  const text = present ? gunzipSync(readFileSync(new URL(file, folder))).toString('utf8') : '';
  const kinds = new Map<string, unknown[]>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const each = JSON.parse(line) as Recorded;
    const kind = [each.provider, each.event ?? each.trigger ?? each.resource].filter(Boolean).join('/');
    kinds.set(kind, [...(kinds.get(kind) ?? []), each.payload ?? each.object]);
  }
  return kinds;
}

function inferredFrom(payloads: readonly unknown[]) {
  const shape = payloads.reduce<Shape | null>((seen, each) => observe(seen, each), null);
  if (shape === null) throw new Error('no payloads');
  return compileContract({ document: schemaOf(shape, 'inferred'), pointer: '', name: 'inferred' });
}

interface Figures {
  accepted: number;
  all: number;
  readonly refusals: string[];
}

/** Every other payload teaches, beginning with the first; the rest is judged. */
function judged(file: string): Figures {
  const figures: Figures = { accepted: 0, all: 0, refusals: [] };
  for (const [kind, payloads] of kindsOf(file)) {
    if (payloads.length < 2) continue;
    const contract = inferredFrom(payloads.filter((_, index) => index % 2 === 0));
    for (const payload of payloads.filter((_, index) => index % 2 === 1)) {
      const violations = contract.validate(payload);
      figures.all += 1;
      if (violations.length === 0) figures.accepted += 1;
      else
        figures.refusals.push(
          `${kind}: ${violations.map(({ path, rule }) => `${path} (${rule})`).join(', ')}`,
        );
    }
  }
  return figures;
}

describe.skipIf(!present)('infer (skipped without ../shared/corpora)', () => {
  // As measured; where a refusal is listed, the two halves differ in what a few samples cannot tell.
  test.each<[string, number, number, string[]]>([
    ['github-webhooks/payloads.ndjson.gz', 84, 85, ['package: /package/package_version/body']],
    ['webhook-payloads/webhookdb.ndjson.gz', 56, 56, []],
    ['webhook-payloads/go-playground.ndjson.gz', 2, 2, []],
  ])('%s: half of each kind accepts the other half', (file, accepted, all, refusals) => {
    const figures = judged(file);
    expect({ ...figures, refusals: figures.refusals.map((each) => each.split(' (')[0]) }).toEqual({
      accepted,
      all,
      refusals,
    });
  });

  test.each([
    ['webhook-payloads/activepieces.ndjson.gz'],
    ['webhook-payloads/misc-vendors.ndjson.gz'],
    ['stripe-fixtures/fixtures.ndjson.gz'],
  ])('%s: what was observed is accepted, of each kind and of all together', (file) => {
    const kinds = [...kindsOf(file).values()];
    for (const payloads of kinds.filter(({ length }) => length > 1)) {
      expect(payloads.flatMap((each) => inferredFrom(payloads).validate(each))).toEqual([]);
    }
    const all = kinds.flat();
    const contract = inferredFrom(all);
    expect(all.flatMap((each) => contract.validate(each))).toEqual([]);
  });
});
