import { limits } from '../limits.ts';
import { type Field, objectOf } from './fields.ts';
import { mediaOf, quoted } from './media.ts';
import { type ParsedBody, parseJson, parseText } from './parse.ts';

/**
 * Reads a multipart/form-data body (RFC 7578) as one object: a field is a text, a part whose type is JSON its value,
 * a file its description `{ filename, content_type, bytes }`; its bytes stay in the trigger's body. Never throws.
 */
export function parseMultipart(body: Uint8Array, boundary: string): ParsedBody {
  const parts = partsOf(Buffer.from(body.buffer, body.byteOffset, body.byteLength), boundary);
  if (typeof parts === 'string') return { ok: false, problem: parts };
  const fields: Field[] = [];
  for (const [index, part] of parts.entries()) {
    const head = headOf(part, index + 1);
    if (typeof head === 'string') return { ok: false, problem: head };
    const read = contentOf(head, part.subarray(head.bytes));
    if (!read.ok) {
      return { ok: false, problem: `In the part ${quoted(head.name)}: ${read.problem}` };
    }
    fields.push([head.name, read.value]);
  }
  return objectOf(fields);
}

/** The bytes between the delimiters; a sentence where they are not as they should be. */
function partsOf(body: Buffer, boundary: string): Buffer[] | string {
  const first = Buffer.from(`--${boundary}`);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const parts: Buffer[] = [];
  // What stands before the first delimiter is a preamble, which RFC 2046 has readers ignore.
  const preamble = body.subarray(0, first.length).equals(first) ? 0 : body.indexOf(delimiter) + 2;
  if (preamble === 1) return 'The body does not have the boundary that its content type names.';
  let at = preamble + first.length;
  while (!body.subarray(at, at + 2).equals(dashes)) {
    at = afterLine(body, at);
    if (at === -1) return `The boundary before part ${parts.length + 1} is not a line of its own.`;
    // A part without headers and content begins with the line break of the next delimiter.
    const end = body.indexOf(delimiter, at - 2);
    if (end === -1) return `Part ${parts.length + 1} has no end: the closing boundary is missing.`;
    if (parts.length === limits.formFieldsMax) return `The body has more than ${limits.formFieldsMax} parts.`;
    parts.push(body.subarray(at, Math.max(at, end)));
    at = end + delimiter.length;
  }
  return parts;
}

const dashes = Buffer.from('--');

/** Where the next line begins, where nothing but spaces stand before it; else -1. */
function afterLine(body: Buffer, from: number): number {
  let at = from;
  while (body[at] === 0x20 || body[at] === 0x09) at += 1;
  return body[at] === 0x0d && body[at + 1] === 0x0a ? at + 2 : -1;
}

interface Head {
  readonly name: string;
  /** Null: a field, not a file. */
  readonly filename: string | null;
  readonly contentType: string;
  /** Its length with the empty line after it. */
  readonly bytes: number;
}

function headOf(part: Buffer, number: number): Head | string {
  const end = part.subarray(0, limits.partHeaderBytesMax).indexOf('\r\n\r\n');
  if (end === -1)
    return `Part ${number} has no headers, or more than ${limits.partHeaderBytesMax} bytes of them.`;
  const read = parseText(part.subarray(0, end));
  if (!read.ok) return `The headers of part ${number} are not UTF-8.`;
  const headers = new Map(
    read.value.split('\r\n').map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const disposition = headers.get('content-disposition') ?? '';
  const name = parameter(disposition, 'name');
  if (!/^form-data[ \t]*;/i.test(disposition) || name === null) {
    return `Part ${number} has no name: its Content-Disposition is not form-data with a name.`;
  }
  const filename = parameter(disposition, 'filename');
  return { name, filename, contentType: headers.get('content-type') ?? 'text/plain', bytes: end + 4 };
}

/** A parameter's value; null where it is absent. Browsers write `"` as %22, others as \". */
function parameter(header: string, name: string): string | null {
  for (const [, key = '', inQuotes, bare] of header.matchAll(parameters)) {
    if (key.toLowerCase() !== name) continue;
    return inQuotes === undefined
      ? (bare ?? '')
      : inQuotes.replaceAll(/\\(["\\])/g, '$1').replaceAll('%22', '"');
  }
  return null;
}

const parameters = /;[ \t]*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g;

function contentOf({ filename, contentType }: Head, content: Buffer): ParsedBody {
  const media = mediaOf(contentType);
  if (filename !== null || media.problem !== undefined) {
    return { ok: true, value: { filename, content_type: contentType, bytes: content.length } };
  }
  return media.form === 'json' || media.form === 'event' ? parseJson(content) : parseText(content);
}
