import type { Dialect } from './dialect.ts';
import { parameterAt, parametersAt, type Reader } from './openapi-parts.ts';
import { fieldStyleOf, type ParameterStyle } from './openapi-style.ts';
import { escapeToken } from './pointer.ts';

type Members = Readonly<Record<string, unknown>>;

/** How an operation takes its body. */
export interface RequestBody {
  /** `application/json`, `application/x-www-form-urlencoded`, … as it goes into the header. */
  readonly media: string;
  /** Null: the document does not say. */
  readonly required: boolean | null;
  /** Where its schema stands; null where nothing is said of it. */
  readonly pointer: string | null;
  /** The fields of a Swagger 2.0 form, which has no schema of its own. */
  readonly fields?: { readonly properties: Members; readonly required: readonly string[] };
  /** How fields of a form are written, where the document says. */
  readonly styles: Readonly<Record<string, ParameterStyle>>;
}

/** What can be sent, the best first. A range that covers JSON is JSON. */
const kinds = [
  /^(application\/json|\*\/\*|application\/\*)\s*(;|$)/i,
  /^[^;]+\+json\s*(;|$)/i,
  /^application\/x-www-form-urlencoded\s*(;|$)/i,
  /^multipart\/form-data\s*(;|$)/i,
  /^text\/[^;]+\s*(;|$)/i,
  /^application\/octet-stream\s*(;|$)/i,
] as const;
/** Any other is a text that the workflow makes (XML, a JWT): what its schema says is said of what it means, not of the text. */
const other = /^(?!multipart\/)[^*]+$/i;

/** The body of an operation of OpenAPI 3 or Swagger 2.0; null where it takes none that can be made. Pure. */
export function requestBodyOf(
  document: unknown,
  read: Reader,
  operation: string,
  { openapi }: Dialect,
): RequestBody | null {
  const { value } = read(operation);
  if (openapi === '2.0') return swaggerBody(document, read, operation, value);
  if (!Object.hasOwn(value, 'requestBody')) return null;
  const body = read(`${operation}/requestBody`);
  const content = read(`${body.pointer}/content`);
  const types = Object.keys(content.value);
  const known = kinds.flatMap((kind) => types.find((each) => kind.test(each)) ?? [])[0];
  const type = known ?? types.find((each) => other.test(each));
  if (type === undefined) return null;
  const media = read(`${content.pointer}/${escapeToken(type)}`);
  const said = known !== undefined && Object.hasOwn(media.value, 'schema');
  const pointer = said ? `${media.pointer}/schema` : null;
  const encodings = isMembers(media.value.encoding) ? Object.entries(media.value.encoding) : [];
  const styles = encodings.flatMap(([name, encoding]) => {
    const style = fieldStyleOf(encoding);
    return style === undefined ? [] : [[name, style] as const];
  });
  return {
    media: type.includes('*') ? 'application/json' : type,
    required: saidOf(body.value.required),
    pointer,
    styles: { ...Object.fromEntries(styles), ...(kinds[3].test(type) && filesOf(read, pointer)) },
  };
}

/** The fields of a multipart body that are files. */
function filesOf(read: Reader, pointer: string | null): RequestBody['styles'] {
  if (pointer === null) return {};
  const schema = read(pointer);
  const { properties } = schema.value;
  const names = isMembers(properties) ? Object.keys(properties) : [];
  const files = names.filter((name) => {
    const property = parameterAt(read, `${schema.pointer}/properties/${escapeToken(name)}`).value;
    const { format, contentMediaType } = isMembers(property.items) ? property.items : property;
    return format === 'binary' || contentMediaType !== undefined;
  });
  return Object.fromEntries(files.map((name) => [name, asFile]));
}

const asFile: ParameterStyle = { style: 'file', explode: false };

function swaggerBody(document: unknown, read: Reader, operation: string, value: Members): RequestBody | null {
  const consumes = listOf(value.consumes) ?? listOf((document as Members).consumes) ?? [];
  const parameters = swaggerParameters(read, operation);
  const body = parameters.find((each) => each.value.in === 'body');
  if (body !== undefined) {
    const json = consumes.find((each) => kinds[0].test(each) || kinds[1].test(each));
    const pointer = Object.hasOwn(body.value, 'schema') ? `${body.pointer}/schema` : null;
    return { media: json ?? 'application/json', required: saidOf(body.value.required), pointer, styles: {} };
  }
  const fields = parameters.filter((each) => each.value.in === 'formData').map((each) => each.value);
  if (fields.length === 0) return null;
  const multipart =
    fields.some(({ type }) => type === 'file') || !consumes.some((each) => kinds[2].test(each));
  const isMultipart = multipart && consumes.some((each) => kinds[3].test(each));
  const required = fields.filter((each) => each.required === true).map(({ name }) => String(name));
  return {
    media: isMultipart ? 'multipart/form-data' : 'application/x-www-form-urlencoded',
    required: required.length > 0,
    pointer: null,
    fields: { properties: Object.fromEntries(fields.map(fieldSchema)), required },
    styles: Object.fromEntries(fields.flatMap(listStyle)),
  };
}

/** Those of the operation stand over those of its path. */
function swaggerParameters(read: Reader, operation: string): ReturnType<Reader>[] {
  const byKey = new Map(
    parametersAt(read, operation).map((found) => [`${found.value.in} ${found.value.name}`, found]),
  );
  return [...byKey.values()];
}

function fieldSchema(field: Members): readonly [string, unknown] {
  const { name, in: _, required: __, collectionFormat: ___, type, ...rest } = field;
  return [String(name), type === 'file' ? { ...rest, type: 'string', format: 'binary' } : { ...rest, type }];
}

function listStyle({ name, type, collectionFormat = 'csv' }: Members): (readonly [string, ParameterStyle])[] {
  if (type === 'file') return [[String(name), asFile]];
  if (type !== 'array' || collectionFormat === 'multi') return [];
  const styles = { ssv: 'spaceDelimited', tsv: 'tabDelimited', pipes: 'pipeDelimited' } as const;
  const style = styles[collectionFormat as keyof typeof styles] ?? 'form';
  return [[String(name), { style, explode: false }]];
}

function saidOf(required: unknown): boolean | null {
  return typeof required === 'boolean' ? required : null;
}

function listOf(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.map(String) : null;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
