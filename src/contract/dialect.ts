export type Draft = '2020-12' | '2019-09' | 'draft-07' | 'draft-06' | 'draft-04';

/** Which language a document's schemas are written in. */
export interface Dialect {
  readonly draft: Draft;
  /** OpenAPI 3.0 and Swagger 2.0 write schemas in a dialect of their own; 3.1 writes plain JSON Schema. */
  readonly openapi: '2.0' | '3.0' | '3.1' | null;
}

const drafts: readonly Draft[] = ['2020-12', '2019-09', 'draft-07', 'draft-06', 'draft-04'];

/** By `openapi`, `swagger`, `jsonSchemaDialect` and `$schema`; 2020-12 where they say nothing known. */
export function dialectOf(document: unknown): Dialect {
  const { openapi, swagger, $schema, jsonSchemaDialect } = membersOf(document);
  const declared = String($schema ?? jsonSchemaDialect ?? '');
  const draft = drafts.find((each) => declared.includes(each)) ?? '2020-12';
  if (String(swagger ?? '').startsWith('2')) return { draft: '2020-12', openapi: '2.0' };
  if (/^3\.0(\D|$)/.test(String(openapi ?? ''))) return { draft: '2020-12', openapi: '3.0' };
  return { draft, openapi: openapi === undefined ? null : '3.1' };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
