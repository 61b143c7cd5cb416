import type { Trigger } from '../decision.ts';
import { binaryEventProblem, eventProblem, isBinaryEvent } from './cloudevent.ts';
import { parseForm } from './fields.ts';
import { type Media, mediaOf, quoted } from './media.ts';
import { parseMultipart } from './multipart.ts';
import { type ParsedBody, parseJson, parseText } from './parse.ts';

/**
 * What stands in a body, by its content type: JSON as it is, a form as an object of its fields, text and XML as one text.
 * `jsonField`: the field of a form whose text is the payload as JSON. Never throws; a problem is one sentence
 * without the body's own values. A body that holds several triggers (`lines`, `events`) is read by split.ts.
 */
export function parsePayload(trigger: Omit<Trigger, 'source'>, jsonField: string | null): ParsedBody {
  const binary = isBinaryEvent(trigger);
  if (binary) {
    const problem = binaryEventProblem(trigger.headers);
    if (problem !== null) return { ok: false, problem };
    // An event may have no data, and then it has no content type either.
    if (trigger.body.length === 0) return { ok: true, value: null };
  }
  const media = mediaOf(trigger.contentType);
  if (media.problem !== undefined) return { ok: false, problem: media.problem };
  return valueIn(trigger.body, media, jsonField);
}

/** What a kept payload says to its workflow; null where it was erased, or says nothing that can be read. */
export function keptValue(
  kept: { readonly body: Uint8Array | null; readonly content_type: string; readonly headers: string },
  jsonField: string | null,
): unknown {
  if (kept.body === null) return null;
  const headers = JSON.parse(kept.headers) as Trigger['headers'];
  const parsed = parsePayload({ contentType: kept.content_type, headers, body: kept.body }, jsonField);
  return parsed.ok ? parsed.value : null;
}

/** What intake refuses a trigger for before it looks into the body, one sentence; null where it reads it. */
export function mediaProblem(trigger: Omit<Trigger, 'source'>): string | null {
  if (isBinaryEvent(trigger) && trigger.body.length === 0) return null;
  return mediaOf(trigger.contentType).problem ?? null;
}

function valueIn(
  body: Uint8Array,
  { form, boundary }: Exclude<Media, { problem: string }>,
  jsonField: string | null,
): ParsedBody {
  switch (form) {
    case 'json':
    case 'events':
      return parseJson(body);
    case 'event':
      return event(parseJson(body));
    case 'lines':
    case 'text':
      return parseText(body);
    case 'form': {
      const text = parseText(body);
      return text.ok ? jsonIn(parseForm(text.value), jsonField) : text;
    }
    case 'multipart':
      return jsonIn(parseMultipart(body, boundary), jsonField);
  }
}

function event(parsed: ParsedBody): ParsedBody {
  const problem = parsed.ok ? eventProblem(parsed.value) : null;
  return problem === null ? parsed : { ok: false, problem };
}

/** The JSON in one field of a form; a part that has a JSON type has been read already. */
function jsonIn(form: ParsedBody, field: string | null): ParsedBody {
  if (!form.ok || field === null) return form;
  const value = (form.value as Readonly<Record<string, unknown>>)[field];
  if (value === undefined) return { ok: false, problem: `The form has no field ${quoted(field)}.` };
  if (typeof value !== 'string') return { ok: true, value };
  const parsed = parseJson(Buffer.from(value));
  return parsed.ok ? parsed : { ok: false, problem: `In the field ${quoted(field)}: ${parsed.problem}` };
}
