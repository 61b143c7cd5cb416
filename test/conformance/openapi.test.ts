import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { documentFaults } from '../../src/contract/document-faults.ts';
import { locateOperation, reader, requestSchema, responseSchema } from '../../src/contract/openapi-parts.ts';
import { escapeToken, pointerOf, resolvePointer } from '../../src/contract/pointer.ts';
import { compileContract } from '../../src/contract/schema.ts';
import { placeInDocument } from '../../src/workflow/document-place.ts';
import { documentsOf } from '../../src/workflow/documents.ts';
import { contractsOf } from '../support/contracts.ts';

const corpora = new URL('../../../shared/corpora/', import.meta.url);
const present = existsSync(corpora);
const read = (file: string) => gunzipSync(readFileSync(new URL(file, corpora))).toString('utf8');
const records = (file: string) => {
  const lines = present ? read(file).split('\n') : [];
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
};
const names = present
  ? readdirSync(new URL('openapi/', corpora)).flatMap(
      (file) => /^(.+\.openapi\..+)\.gz$/.exec(file)?.[1] ?? [],
    )
  : [];

const texts = new Map(names.map((name) => [name, read(`openapi/${name}.gz`)]));
const documents = documentsOf(texts);

function documentAt(name: string): object {
  const document = documents.read(name);
  if ('problem' in document) throw new Error(`${name}: ${document.problem}`);
  return document.value as object;
}

function documentOf(api: string): object | null {
  const name = names.find((each) => each.startsWith(`${api}.openapi.`));
  return name === undefined ? null : documentAt(name);
}

describe.skipIf(!present)(
  'OpenAPI documents as vendors publish them (skipped without ../shared/corpora)',
  () => {
    test.each(names)('%s: of one operation only what it refers to is compiled', (name) => {
      const document = documentAt(name);
      const pointer = firstSchema(document);
      const { schema } = compileContract({ document, pointer, name });
      const { $defs = {} } = schema as { $defs?: object };
      expect(Object.keys(schema as object).length).toBeGreaterThan(0);
      expect(Object.keys($defs)).toHaveLength(reached(document, pointer).size);
    });

    test('what is wrong with them is told with its place, and with no other', () => {
      const faults = names.flatMap((name) =>
        documentFaults(documentAt(name)).map(({ pointer, message }) => {
          const { line, column } = placeInDocument(name, texts.get(name) ?? '', pointer);
          return `${name}:${line}:${column} ${message}`;
        }),
      );
      const byDocument = Map.groupBy(faults, (fault) => fault.split(':')[0]);
      expect([...byDocument.keys()]).toEqual(['freshdesk.openapi.yaml', 'intercom-2.11.openapi.yaml']);
      expect(byDocument.get('freshdesk.openapi.yaml')).toEqual([
        'freshdesk.openapi.yaml:15:12 `version` must be a text, and is the number 2',
      ]);
      expect(byDocument.get('intercom-2.11.openapi.yaml')).toContain(
        'intercom-2.11.openapi.yaml:13791:19 `$ref: #/components/schemas/custom_attributes` leads nowhere',
      );
    });

    test("the 651 examples have the stored verdicts, but for one whose document isn't there", () => {
      const examples: { id: string; api: string; schema_pointer: string; valid: boolean; body: unknown }[] =
        records('openapi/examples.ndjson.gz');
      const verdicts = [...Map.groupBy(examples, ({ api }) => api)].flatMap(([api, all]) => {
        const document = documentOf(api);
        if (document === null) return [];
        const pointerAt = ({ schema_pointer: pointer }: { schema_pointer: string }) =>
          decodeURIComponent(pointer);
        const contracts = contractsOf(document, all.map(pointerAt));
        return all.map((each) => ({
          id: each.id,
          valid: contracts(pointerAt(each)).validate(each.body).length === 0,
        }));
      });
      expect(examples).toHaveLength(651);
      expect(verdicts).toHaveLength(650);
      const stored = new Map(examples.map(({ id, valid }) => [id, valid]));
      expect(verdicts.filter(({ id, valid }) => valid !== stored.get(id))).toEqual([]);
      expect(verdicts.filter(({ valid }) => !valid).length).toBeGreaterThan(50);
    });

    test('Stripe objects of 2026 by the document of 2025: the stored verdicts, and no drift that it would not be', () => {
      const fixtures: { id: string; schema: string | null; valid: boolean; object: unknown }[] = records(
        'stripe-fixtures/fixtures.ndjson.gz',
      );
      const known = fixtures.filter(({ schema }) => schema !== null);
      const pointerOfSchema = ({ schema }: { schema: string | null }) => `/components/schemas/${schema}`;
      const contracts = contractsOf(documentOf('stripe') ?? {}, known.map(pointerOfSchema));
      const verdicts = known.map((each) => ({
        id: each.id,
        valid: contracts(pointerOfSchema(each)).validate(each.object).length === 0,
      }));
      expect(verdicts).toHaveLength(73);
      expect(verdicts).toEqual(known.map(({ id, valid }) => ({ id, valid })));
    });
  },
);

/** The first schema of a body that an operation of the document speaks of. */
function firstSchema(document: object): string {
  const look = reader(document);
  const paths = Object.entries(resolvePointer(document, '/paths') as Record<string, object>);
  for (const [path, item] of paths) {
    for (const method of Object.keys(item).filter((each) => /^(get|post|put|patch)$/.test(each))) {
      const { pointer } = locateOperation(document, `${method.toUpperCase()} ${path}`);
      const schema = requestSchema(look, pointer) ?? responseSchema(look, pointer);
      if (schema !== null) return schema;
    }
  }
  // Neither JSON in nor out: a parameter then.
  for (const [path, item] of paths) {
    for (const [method, operation] of Object.entries(item)) {
      const index = (operation.parameters ?? []).findIndex((each: object) => 'schema' in each);
      if (index >= 0) return `/paths/${escapeToken(path)}/${method}/parameters/${index}/schema`;
    }
  }
  throw new Error('no schema');
}

/** Every schema that one refers to, at whatever remove: those that are there. */
function reached(document: object, pointer: string): Set<string> {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, part] of Object.entries(value)) {
      if (key === 'example' || key === 'examples') continue;
      const target = key === '$ref' && typeof part === 'string' ? pointerOf(part) : null;
      if (target === null) walk(part);
      else if (!found.has(target) && resolvePointer(document, target) !== undefined) {
        found.add(target);
        walk(resolvePointer(document, target));
      }
    }
  };
  walk(resolvePointer(document, pointer));
  return found;
}
