import { createHash } from 'node:crypto';
import type { HandoffRequest } from './handoff.ts';
import { encodedPair } from './request.ts';
import { bracketed, textOf, type WrittenPair, writtenPairs } from './written.ts';

/** A body as it goes over the wire. */
export interface EncodedBody {
  readonly contentType: string;
  readonly text: string;
}

/**
 * Writes a body in the media type that its operation takes. Pure; the same request gives the same bytes, so that every
 * attempt sends what the first one did. Null: no body.
 */
export function encodeBody({
  body,
  media = 'application/json',
  styles = {},
}: HandoffRequest): EncodedBody | null {
  if (body === undefined) return null;
  if (/^application\/x-www-form-urlencoded/i.test(media)) {
    const text = fieldsOf(body, styles)
      .map((pair) => encodedPair(pair, 'form'))
      .join('&');
    return { contentType: media, text };
  }
  if (/^multipart\/form-data/i.test(media)) return multipart(body, styles);
  const isJson = /^[^;]+[/+]json\s*(;|$)/i.test(media);
  return { contentType: media, text: (isJson ? null : textOf(body)) ?? JSON.stringify(body) };
}

type Styles = NonNullable<HandoffRequest['styles']>;

/** The fields of a form. A field that is no single value, and of which the document says nothing, goes in brackets. */
function fieldsOf(body: unknown, styles: Styles): WrittenPair[] {
  const entries = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  return entries.flatMap(([name, value]) => {
    const style = Object.hasOwn(styles, name) ? styles[name] : undefined;
    return writtenPairs(name, value, style) ?? bracketed(name, value) ?? [];
  });
}

/** Each field a part: texts and numbers as they are, objects and lists of objects as JSON. */
function multipart(body: unknown, styles: Styles): EncodedBody {
  const entries = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  const parts = entries.flatMap(([name, value]) => {
    const values = Array.isArray(value) && value.every((each) => textOf(each) !== null) ? value : [value];
    return values.filter((each) => each !== null).map((each) => part(name, each, isFile(styles, name)));
  });
  const digest = createHash('sha256').update(parts.join('\n')).digest('hex');
  const boundary = `signalbox-${digest.slice(0, 40)}`;
  const text = [...parts.map((each) => `--${boundary}\r\n${each}\r\n`), `--${boundary}--\r\n`].join('');
  return { contentType: `multipart/form-data; boundary=${boundary}`, text };
}

function part(name: string, value: unknown, file: boolean): string {
  const quoted = name.replaceAll(/["\r\n]/g, (each) => encodeURIComponent(each));
  const filename = file ? `; filename="${quoted}.txt"` : '';
  const plain = textOf(value);
  const type = file
    ? 'content-type: application/octet-stream\r\n'
    : plain === null
      ? 'content-type: application/json\r\n'
      : '';
  return `content-disposition: form-data; name="${quoted}"${filename}\r\n${type}\r\n${plain ?? JSON.stringify(value)}`;
}

function isFile(styles: Styles, name: string): boolean {
  return Object.hasOwn(styles, name) && styles[name]?.style === 'file';
}
