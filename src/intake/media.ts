import { MIMEType } from 'node:util';

/** How a body is read; docs/reference/bodies.md says what each becomes. */
export type Form = 'json' | 'event' | 'events' | 'lines' | 'form' | 'multipart' | 'text';

/** What a content type says of a body, or what is wrong with it, as one sentence. */
export type Media =
  | { readonly form: Form; readonly boundary: string; readonly problem?: undefined }
  | { readonly problem: string };

/** Reads a content type. `boundary` is that of multipart bodies, else empty. */
export function mediaOf(contentType: string): Media {
  if (contentType === 'application/json') return json;
  if (contentType === '') return { problem: 'The content type is missing; send application/json.' };
  let type: MIMEType;
  try {
    type = new MIMEType(contentType);
  } catch {
    return {
      problem: `The content type ${quoted(contentType)} is not understood; send application/json.`,
    };
  }
  const form = formOf(type);
  if (form === null) {
    return {
      problem: `The content type ${quoted(type.essence)} is not supported; send application/json or a type that ends in +json.`,
    };
  }
  const charset = type.params.get('charset') ?? 'utf-8';
  if (!/^(utf-?8|us-ascii)$/i.test(charset)) {
    return { problem: `The charset ${quoted(charset)} is not supported; send UTF-8.` };
  }
  const boundary = type.params.get('boundary') ?? '';
  if (form === 'multipart' && !(boundary.length >= 1 && boundary.length <= boundaryCharsMax)) {
    return { problem: 'The content type multipart/form-data has no boundary of 1 to 70 characters.' };
  }
  return { form, boundary };
}

/** What is wrong with a content type, one sentence; null where it is JSON in UTF-8. */
export function jsonProblem(contentType: string): string | null {
  const media = mediaOf(contentType);
  if (media.problem !== undefined) return media.problem;
  return media.form === 'json' || media.form === 'event' || media.form === 'events'
    ? null
    : `The content type ${quoted(contentType)} is not JSON.`;
}

/** Foreign text for one of our sentences: escaped, and bounded. */
export function quoted(text: string): string {
  const shown = text.length > quotedCharsMax ? `${text.slice(0, quotedCharsMax)}…` : text;
  return JSON.stringify(shown);
}

const quotedCharsMax = 80;
const json: Media = { form: 'json', boundary: '' };
/** RFC 2046, section 5.1.1. */
const boundaryCharsMax = 70;

function formOf({ essence, subtype }: MIMEType): Form | null {
  const known = forms.get(essence);
  if (known !== undefined) return known;
  if (subtype.endsWith('+json')) return 'json';
  return subtype.endsWith('+xml') ? 'text' : null;
}

const forms: ReadonlyMap<string, Form> = new Map([
  ['application/json', 'json'],
  ['application/cloudevents+json', 'event'],
  ['application/cloudevents-batch+json', 'events'],
  ['application/x-ndjson', 'lines'],
  ['application/ndjson', 'lines'],
  ['application/jsonl', 'lines'],
  ['application/x-www-form-urlencoded', 'form'],
  ['multipart/form-data', 'multipart'],
  ['text/plain', 'text'],
  ['application/xml', 'text'],
  ['text/xml', 'text'],
]);
