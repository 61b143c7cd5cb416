import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Contract } from '../../src/contract/contract.ts';
import { payloadSchema } from '../../src/contract/fragment.ts';
import { compileContract } from '../../src/contract/schema.ts';
import { contractsOf } from '../support/contracts.ts';

interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly valid: boolean;
  readonly payload: unknown;
  /** `issues-opened`, a key of `webhooks` in the OpenAPI document; null where that has none. */
  readonly openapi_webhook: string | null;
  readonly openapi_valid: boolean | null;
}

const folder = new URL('../../../shared/corpora/github-webhooks/', import.meta.url);
const present = existsSync(folder);
const read = (file: string) =>
  present ? gunzipSync(readFileSync(new URL(file, folder))).toString('utf8') : '';
const deliveries: readonly Delivery[] = read('payloads.ndjson.gz')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));
const document = present ? JSON.parse(read('schema.draft-07.json.gz')) : {};
const openapi = present ? JSON.parse(read('openapi-webhooks.json.gz')) : {};

/** An event with actions is `check_run_event`, a choice of them; one without is `push$event`. */
function definitionOf(event: string, definitions: Readonly<Record<string, unknown>>): string {
  const name = [`${event}_event`, `${event}$event`].find((each) => Object.hasOwn(definitions, each));
  if (name === undefined) throw new Error(`no definition for ${event}`);
  return `/definitions/${name}`;
}

describe.skipIf(!present)('GitHub webhooks (skipped without ../shared/corpora)', () => {
  const byEvent = Map.groupBy(deliveries, ({ event }) => event);

  test.each([...byEvent.keys()])('%s: every verdict is the stored one', (event) => {
    const pointer = definitionOf(event, document.definitions);
    const contract: Contract = compileContract({ document, pointer, name: event });
    const verdicts = (byEvent.get(event) ?? []).map(({ id, payload }) => ({
      id,
      valid: contract.validate(payload).length === 0,
    }));
    expect(verdicts).toEqual((byEvent.get(event) ?? []).map(({ id, valid }) => ({ id, valid })));
    expect(contract.warnings, 'patterns that backtrack').toEqual([]);
  });

  test('the same by OpenAPI 3.1, for the 186 that it has a webhook for', () => {
    const judged = deliveries.filter((each) => typeof each.openapi_webhook === 'string');
    const pointerAt = ({ openapi_webhook: webhook }: Delivery) =>
      payloadSchema(openapi, `webhook=${webhook}`).pointer;
    const contracts = contractsOf(openapi, judged.map(pointerAt));
    const verdicts = judged.map((each) => ({
      id: each.id,
      valid: contracts(pointerAt(each)).validate(each.payload).length === 0,
    }));
    expect(verdicts).toHaveLength(186);
    expect(verdicts).toEqual(judged.map(({ id, openapi_valid: valid }) => ({ id, valid })));
  });

  test('all 188 were judged, by the draft-07 contract', () => {
    expect(deliveries).toHaveLength(188);
    expect(deliveries.filter(({ valid }) => !valid).length).toBeGreaterThan(0);
  });
});
