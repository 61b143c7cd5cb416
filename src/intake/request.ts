import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { resolvePointer, tokensOf } from '../contract/pointer.ts';
import { limits } from '../limits.ts';
import { parseJson } from './parse.ts';
import type { Place } from './place.ts';
import type { Listed, SignatureScheme } from './schemes.ts';
import type { TemplatePart, VariableName } from './template.ts';

/** What a signature is checked over. */
export interface SignedRequest {
  readonly method: string;
  /** The address that the sender called, with the query as it came. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The raw bytes, as they came. */
  readonly body: Uint8Array;
  /** Who is at the other end of the connection; null where nobody is known to be. */
  readonly address: string | null;
}

/** What a template is filled with beside the request itself. */
export interface Filling {
  readonly url: string;
  readonly secret: Uint8Array | string;
  /** `{signature}` of a handshake's answer. */
  readonly signature?: string;
}

/** A request as a scheme sees it. Reading is total: what is missing, or cannot be read, is ``. */
export interface Reading {
  /** The elements of the signature's list, or the one text that it is. */
  readonly elements: readonly string[];
  at(place: Place): string;
  /** The JSON in the body; undefined where it is none. */
  json(): unknown;
  /** The place that a part of a template stands for; null where it is made of more. */
  placeOf(part: TemplatePart): Place | null;
  /** A template with the request's parts in it. */
  fill(parts: readonly TemplatePart[], filling: Filling): Buffer;
}

/** Reads a request. The body is parsed once, and only where the scheme asks for a part of it. */
export function readingOf(request: SignedRequest, scheme: SignatureScheme | null): Reading {
  const query = once(() => new URLSearchParams(queryOf(request.url)));
  const form = once(() => new URLSearchParams(isForm(request) ? textOf(request.body) : ''));
  const json = once(() => {
    const parsed = parseJson(request.body);
    return parsed.ok ? parsed.value : undefined;
  });

  const outside = ({ from, name }: Place): string => {
    if (from === 'header') return headerOf(request, name);
    if (from === 'query') return query().get(name) ?? '';
    if (from === 'form') return form().get(name) ?? '';
    if (from === 'body') return textOf(request.body);
    if (from === 'claim') return '';
    return scalarText(resolvePointer(json(), name));
  };
  const elements = scheme === null ? [] : elementsOf(scheme, scheme.signature.places.map(outside));
  const at = (place: Place) => (place.from === 'element' ? elementOf(elements, place.name) : outside(place));

  const placeOf = (part: TemplatePart): Place | null => {
    if ('text' in part) return null;
    if (part.name === 'timestamp') return scheme?.timestamp?.place ?? null;
    if (part.name === 'id') return scheme?.id ?? null;
    if (part.name === 'signed_headers') return scheme?.signedHeaders?.place ?? null;
    return isPlace(part.name) && part.of !== '' ? { from: part.name, name: part.of } : null;
  };

  const made = (name: VariableName, { url, secret, signature }: Filling): Uint8Array | string => {
    switch (name) {
      case 'body':
        return request.body;
      case 'body_sha256':
        return hash('sha256', request.body, 'hex');
      case 'body_crc32':
        return String(crc32(request.body));
      case 'method':
        return request.method;
      case 'url':
        return url;
      case 'url_decoded':
        return url.replace(hubspotEscapes, decodeURIComponent);
      case 'path':
        return targetOf(url).split('?', 1)[0] ?? '';
      case 'target':
        return targetOf(url);
      case 'query':
        return queryOf(url);
      case 'sorted_query':
        return sortedQuery(url, scheme);
      case 'form':
        return sortedForm(form());
      case 'secret':
        return secret;
      case 'signature':
        return signature ?? '';
      case 'signed_headers':
        return signedHeaders(request, scheme, at);
      case 'signed_fields':
        return signedFields(json(), scheme);
      default:
        return '';
    }
  };

  const bytesOf = (part: TemplatePart, filling: Filling): Buffer => {
    if ('text' in part) return Buffer.from(part.text);
    const place = part.name === 'signed_headers' ? null : placeOf(part);
    const value = place === null ? made(part.name, filling) : at(place);
    return typeof value === 'string' ? Buffer.from(value) : viewOf(value);
  };
  const fill = (parts: readonly TemplatePart[], filling: Filling): Buffer => {
    const all = parts.map((part) => bytesOf(part, filling));
    // Most sign the body alone, which need not be copied.
    return all.length === 1 && all[0] !== undefined ? all[0] : Buffer.concat(all);
  };

  return { elements, at, json, placeOf, fill };
}

/** Whether the body is a form, whose fields `{form}` stands for. */
export function isForm({ headers }: Pick<SignedRequest, 'headers'>): boolean {
  return /^application\/x-www-form-urlencoded *(?:;|$)/i.test(headers['content-type'] ?? '');
}

function isPlace(name: VariableName): name is 'header' | 'query' | 'field' | 'form' | 'element' {
  return ['header', 'query', 'field', 'form', 'element'].includes(name);
}

/** What HubSpot decodes before it signs. */
const hubspotEscapes = /%(?:3a|2f|3f|40|21|24|27|28|29|2a|2c|3b)/gi;

/** `` where it is missing: an empty header proves as little. */
function headerOf({ headers }: SignedRequest, name: string): string {
  return Object.hasOwn(headers, name) ? (headers[name] ?? '') : '';
}

function elementsOf({ signature: { separator } }: SignatureScheme, values: readonly string[]): string[] {
  const given = values.filter((value) => value !== '');
  if (separator === null) return given;
  return given.flatMap((value) => value.split(separator).map((element) => element.trim()));
}

/** The value of `k=…`; `` where it stands not exactly once, for then nobody can say which was signed. */
function elementOf(elements: readonly string[], key: string): string {
  const found = elements.filter((element) => element.startsWith(`${key}=`));
  return found.length === 1 ? (found[0] ?? '').slice(key.length + 1) : '';
}

function targetOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]*/i, '');
}

function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start + 1);
}

/** `k=v` joined by `&` in the order of their names, as they came, without those that carry the signature. */
function sortedQuery(url: string, scheme: SignatureScheme | null): string {
  const own = new Set(scheme?.signature.places.map(({ from, name }) => (from === 'query' ? `${name}=` : '')));
  const pairs = queryOf(url).split('&');
  return pairs
    .filter((pair) => pair !== '' && !own.has(pair.slice(0, pair.indexOf('=') + 1)))
    .toSorted()
    .join('&');
}

/** Names and values, one after the other, in the order of the names; a pair that comes twice counts once. */
function sortedForm(form: URLSearchParams): string {
  const pairs = [...form].toSorted(([name, value], [other, theirs]) =>
    name === other ? compare(value, theirs) : compare(name, other),
  );
  return pairs
    .filter(([name, value], index) => name !== pairs[index - 1]?.[0] || value !== pairs[index - 1]?.[1])
    .flat()
    .join('');
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function signedHeaders(
  request: SignedRequest,
  scheme: SignatureScheme | null,
  at: (place: Place) => string,
): string {
  const listed = scheme?.signedHeaders;
  if (listed == null) return '';
  const names = at(listed.place).split(listed.separator, limits.signedHeadersMax + 1);
  if (names.length > limits.signedHeadersMax) return '';
  const headers = names.map((name) => name.trim());
  return listedText(
    listed,
    headers.map((name) => [name, headerOf(request, name.toLowerCase())]),
  );
}

/** The fields that a scheme signs, without those that are absent or empty. */
function signedFields(document: unknown, scheme: SignatureScheme | null): string {
  const listed = scheme?.signedFields;
  if (listed == null) return '';
  const fields = listed.fields.map(
    (pointer) => [tokensOf(pointer).at(-1) ?? '', scalarText(resolvePointer(document, pointer))] as const,
  );
  return listedText(
    listed,
    fields.filter(([, value]) => value !== ''),
  );
}

function listedText(
  { each, join }: Listed,
  all: readonly (readonly [name: string, value: string])[],
): string {
  const written = all.map(([name, value]) =>
    each.replace(/\{name\}|\{value\}/g, (key) => (key === '{name}' ? name : value)),
  );
  return written.join(join);
}

/** A text, a number or a boolean as JSON writes it; `` for anything else. */
export function scalarText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function textOf(bytes: Uint8Array): string {
  return viewOf(bytes).toString();
}

/** The same bytes, not a copy. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
