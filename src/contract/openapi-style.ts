import type { Dialect } from './dialect.ts';

/** How a value becomes text in a path, a query, a header or a form, as OpenAPI names the ways. */
export interface ParameterStyle {
  readonly style:
    | 'simple'
    | 'label'
    | 'matrix'
    | 'form'
    | 'spaceDelimited'
    | 'pipeDelimited'
    /** Of Swagger 2.0 only. */
    | 'tabDelimited'
    | 'deepObject'
    /** The whole value as JSON text. */
    | 'json'
    /** Of a multipart body: a file, whose content the text is. */
    | 'file';
  readonly explode: boolean;
  /** Reserved characters stay as they are. */
  readonly reserved?: true;
}

type Members = Readonly<Record<string, unknown>>;

const places = { path: 'simple', header: 'simple', query: 'form' } as const;
const styles: readonly string[] = [
  'simple',
  'label',
  'matrix',
  'form',
  'spaceDelimited',
  'pipeDelimited',
  'deepObject',
] satisfies ParameterStyle['style'][];
const collections: Readonly<Record<string, ParameterStyle>> = {
  csv: { style: 'form', explode: false },
  ssv: { style: 'spaceDelimited', explode: false },
  tsv: { style: 'tabDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
  multi: { style: 'form', explode: true },
};

/**
 * The way a parameter is written. Pure. Undefined where one value is one text and a list of a query is repeated: what
 * is done with a parameter of which nothing is known.
 */
export function styleOf(
  parameter: Members,
  place: keyof typeof places,
  { openapi }: Dialect,
): ParameterStyle | undefined {
  if (openapi === '2.0') return swaggerStyle(parameter, place);
  if (Object.hasOwn(parameter, 'content')) {
    const [media = ''] = isMembers(parameter.content) ? Object.keys(parameter.content) : [];
    return /^text\//i.test(media) ? undefined : { style: 'json', explode: false };
  }
  const style = named(parameter.style) ?? places[place];
  const explode = typeof parameter.explode === 'boolean' ? parameter.explode : style === 'form';
  const reserved = parameter.allowReserved === true ? ({ reserved: true } as const) : {};
  const usual = style === places[place] && explode === (style === 'form') && !('reserved' in reserved);
  return usual && isPlain(parameter.schema, place) ? undefined : { style, explode, ...reserved };
}

/** The way a field of a form is written, by the `encoding` of its body; undefined where that says nothing. Pure. */
export function fieldStyleOf(encoding: unknown): ParameterStyle | undefined {
  if (!isMembers(encoding)) return undefined;
  const style = named(encoding.style);
  if (style === undefined && typeof encoding.explode !== 'boolean') {
    return /json/.test(String(encoding.contentType ?? '')) ? { style: 'json', explode: false } : undefined;
  }
  const explode = typeof encoding.explode === 'boolean' ? encoding.explode : (style ?? 'form') === 'form';
  return { style: style ?? 'form', explode };
}

function swaggerStyle(parameter: Members, place: keyof typeof places): ParameterStyle | undefined {
  if (parameter.type !== 'array') return undefined;
  const collection = collections[String(parameter.collectionFormat ?? 'csv')] ?? {
    style: 'form',
    explode: false,
  };
  if (place === 'query') return collection.explode ? undefined : collection;
  return collection.style === 'form' ? { style: 'simple', explode: false } : collection;
}

/** Whether one value is one text, or a list of a query that is repeated. */
function isPlain(schema: unknown, place: keyof typeof places): boolean {
  if (!isMembers(schema)) return true;
  const types = [schema.type].flat();
  if (types.includes('object') || (types.includes('array') && place !== 'query')) return false;
  return !['$ref', 'anyOf', 'oneOf', 'allOf'].some((keyword) => Object.hasOwn(schema, keyword));
}

function named(style: unknown): ParameterStyle['style'] | undefined {
  return styles.includes(String(style)) ? (style as ParameterStyle['style']) : undefined;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
