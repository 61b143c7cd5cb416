import type { Trigger } from '../decision.ts';
import { limits } from '../limits.ts';
import { ExpressionError } from '../workflow/expression.ts';
import type { CompiledTrigger } from '../workflow/workflow.ts';
import { mediaOf } from './media.ts';
import { parseJson } from './parse.ts';
import { parsePayload } from './payload.ts';

/** What the split of a delivery asks of its workflow. */
type Splitting = Pick<CompiledTrigger, 'split' | 'jsonField'>;

/** What a delivery holds: `lone` is one trigger by itself, which is the delivery. */
export type Split =
  | { readonly kind: 'lone' }
  | { readonly kind: 'parts'; readonly parts: readonly Trigger[] }
  | Unsplit;

interface Unsplit {
  readonly kind: 'unsplit';
  readonly mode: 'unparseable' | 'transform_failed';
  readonly problem: string;
}

/** A trigger's value for its workflow, or what stands against it: one sentence without the payload's values. */
export type Payload =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly mode: Unsplit['mode']; readonly problem: string };

/**
 * Finds the triggers in a delivery: the lines of NDJSON, the events of a CloudEvents batch, else what the workflow's
 * `split` yields. At most limits.triggersPerDeliveryMax; perhaps none. Pure.
 */
export function splitDelivery(workflow: Splitting, whole: Trigger): Split {
  if (whole.part !== undefined) return lone;
  const media = mediaOf(whole.contentType);
  if (media.problem === undefined && media.form === 'lines') return partsOf(whole, linesOf(whole.body));
  if (media.problem === undefined && media.form === 'events') return splitEvents(whole);
  return workflow.split === null ? lone : splitByExpression(workflow, whole);
}

/**
 * The payload that a workflow decides a trigger on. What should have been split and could not be has none: it is
 * kept whole, as one ticket with an exception.
 */
export function payloadOf(workflow: Splitting, trigger: Trigger): Payload {
  const split = splitDelivery(workflow, trigger);
  switch (split.kind) {
    case 'lone': {
      const parsed = parsePayload(trigger, workflow.jsonField);
      return parsed.ok ? parsed : { ...parsed, mode: 'unparseable' };
    }
    case 'unsplit':
      return { ok: false, mode: split.mode, problem: split.problem };
    // A ticket is decided again whose delivery can be split by now: one ticket has no room for several.
    case 'parts': {
      const problem = `The delivery holds ${split.parts.length} triggers: send it again, and discard this ticket.`;
      return { ok: false, mode: 'transform_failed', problem };
    }
  }
}

const lone: Split = { kind: 'lone' };

function splitEvents(whole: Trigger): Split {
  const parsed = parseJson(whole.body);
  if (!parsed.ok) return unsplit('unparseable', parsed.problem);
  if (!Array.isArray(parsed.value)) {
    return unsplit('unparseable', 'A batch of CloudEvents is a JSON array, and this is none.');
  }
  return partsOf(whole, parsed.value.map(jsonBytes), 'application/cloudevents+json');
}

function splitByExpression({ split, jsonField }: Splitting, whole: Trigger): Split {
  const parsed = parsePayload(whole, jsonField);
  if (!parsed.ok) return unsplit('unparseable', parsed.problem);
  try {
    const found = split?.evaluate({ payload: parsed.value, headers: whole.headers });
    if (!Array.isArray(found)) return unsplit('transform_failed', `Not split: ${split?.source} is no list`);
    // `payload.entry.map(e, e.changes)` gives a list of lists.
    return partsOf(whole, found.flat().map(jsonBytes));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return unsplit('transform_failed', `Not split: ${error.message}`);
  }
}

function partsOf(whole: Trigger, bodies: readonly Uint8Array[], contentType = 'application/json'): Split {
  if (bodies.length > limits.triggersPerDeliveryMax) {
    const problem = `The delivery holds ${bodies.length} triggers; at most ${limits.triggersPerDeliveryMax} are taken at once`;
    return unsplit('transform_failed', problem);
  }
  // It speaks of the whole.
  const { 'content-length': _, ...others } = whole.headers;
  const headers = { ...others, 'content-type': contentType };
  const parts = bodies.map((body, part) => ({ ...whole, contentType, headers, body, part }));
  return { kind: 'parts', parts };
}

function unsplit(mode: Unsplit['mode'], problem: string): Split {
  return { kind: 'unsplit', mode, problem };
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** The lines that are not blank, as they stand. */
function linesOf(body: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < body.length; ) {
    const end = body.indexOf(lineFeed, from);
    const line = body.subarray(from, end === -1 ? body.length : end);
    if (line.some((byte) => !blanks.has(byte))) lines.push(line);
    from += line.length + 1;
  }
  return lines;
}

const lineFeed = 0x0a;
const blanks = new Set([0x20, 0x09, 0x0d]);
