import type { Trigger } from '../../decision.ts';
import { keptHeaders } from '../../intake/headers.ts';
import { mediaProblem } from '../../intake/payload.ts';
import { splitDelivery } from '../../intake/split.ts';
import { projectPath } from '../documents.ts';
import { isMapping, type Place } from '../place.ts';
import type { CompiledWorkflow } from '../workflow.ts';
import type { CaseEntry, Content } from './schema.ts';

/** The files that cases refer to, by their path in the project folder. */
export type CasePayloads = ReadonlyMap<string, Uint8Array>;

/** What a case's trigger is made in. */
export interface ContentWorld {
  /** Path of the case file. */
  readonly file: string;
  readonly payloads: CasePayloads;
  /** Headers of all cases of the file. */
  readonly headers: Content['headers'];
}

/** The file that a part of a case refers to, as it is written; null where it refers to none. */
export function referredFile({ payload, recorded }: Content): string | null {
  return recorded ?? (typeof payload === 'string' ? payload : null);
}

/** A trigger with the moment that it was recorded at, where it was. */
export interface Made {
  readonly trigger: Trigger;
  readonly recordedAt: string | null;
}

/** Makes the trigger that a case, or what it says came first, tells of. What is wrong is reported: then null. */
export function makeTrigger(
  place: Place,
  content: Content & Pick<CaseEntry, 'part'>,
  workflow: CompiledWorkflow,
  world: ContentWorld,
): Made | null {
  const sent = sentContent(place, content, world);
  if (sent === null) return null;
  const contentType = content.content_type ?? sent.contentType;
  const given = Object.entries({ ...world.headers, ...sent.headers, ...content.headers });
  const named = Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)]));
  const trigger = {
    source: workflow.trigger.source,
    contentType,
    // Credentials and signatures are kept of no trigger: no expression sees them.
    headers: keptHeaders({ 'content-type': contentType, ...named }, []),
    body: sent.body,
  };
  const refused = mediaProblem(trigger);
  if (refused !== null) {
    const help = 'intake answers 415 to it, and it becomes no ticket: write another `content_type`';
    return wrong(place.get('content_type'), refused, help, 'key');
  }
  const part = sent.part ?? (workflow.trigger.split === null ? null : 0);
  const { recordedAt } = sent;
  if (content.part !== undefined) return partOf(place, content.part, workflow, { trigger, recordedAt });
  return { trigger: part === null ? trigger : { ...trigger, part }, recordedAt };
}

function partOf(place: Place, part: number, workflow: CompiledWorkflow, whole: Made): Made | null {
  const split = splitDelivery(workflow.trigger, whole.trigger);
  if (split.kind === 'unsplit') return whole;
  const parts = split.kind === 'parts' ? split.parts : [whole.trigger];
  const trigger = parts[part];
  if (trigger !== undefined) return { ...whole, trigger };
  place.get('part').report({
    code: 'SB181',
    message: `the delivery holds ${parts.length} trigger${parts.length === 1 ? '' : 's'}, and there is no ${part} among them`,
    help: 'count from 0; without `part` the payload is the one trigger itself',
  });
  return null;
}

/** As it was sent. */
interface Sent {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
  readonly part: number | null;
  readonly recordedAt: string | null;
}

const json = { contentType: 'application/json', headers: {}, part: null, recordedAt: null } as const;

function sentContent(place: Place, content: Content, world: ContentWorld): Sent | null {
  const { payload, body, recorded } = content;
  const given = Object.entries({ payload, body, recorded }).filter(([, value]) => value !== undefined);
  const [first] = given;
  if (first === undefined) {
    return wrong(
      place,
      'there is no payload',
      'write it as `payload: { … }`, or name a file: `payload: ../payloads/lead.json`',
      'key',
    );
  }
  if (given.length > 1) {
    const names = given.map(([name]) => `\`${name}\``).join(' and ');
    return wrong(
      place.get(given[1]?.[0] ?? ''),
      `${names} stand together`,
      'a trigger has one content: leave one of them',
      'key',
    );
  }
  const at = place.get(first[0]);
  if (body !== undefined) return changed(place, { ...json, body: Buffer.from(body) }, content);
  if (payload !== undefined && typeof payload !== 'string') {
    return changed(place, { ...json, body: jsonBytes(payload) }, content);
  }
  const bytes = fileBytes(at, world);
  if (bytes === null) return null;
  const sent = recorded === undefined ? { ...json, body: bytes } : recordedTrigger(at, bytes);
  return sent === null ? null : changed(place, sent, content);
}

function fileBytes(place: Place, { file, payloads }: ContentWorld): Uint8Array | null {
  const path = projectPath(file, place.text());
  const bytes = path === null ? undefined : payloads.get(path);
  if (bytes !== undefined) return bytes;
  place.report({
    code: 'SB104',
    message:
      path === null ? `\`${place.text()}\` leads out of the project folder` : `there is no file ${path}`,
    help: 'write the path from this file, `../payloads/lead.json`; a payload that is itself a text stands under `body`',
  });
  return null;
}

/** The content with the changes of `with`. */
function changed(place: Place, sent: Sent, { with: changes }: Content): Sent | null {
  if (changes === undefined) return sent;
  const value = parsed(sent.body);
  if (value !== undefined) return { ...sent, body: jsonBytes(mergePatch(value, changes)) };
  return wrong(
    place.get('with'),
    'the content is not JSON, so that nothing can be merged into it',
    'write the whole content under `body`',
    'key',
  );
}

function recordedTrigger(place: Place, bytes: Uint8Array): Sent | null {
  const recorded = parsed(bytes);
  if (!isMapping(recorded) || typeof recorded.body !== 'string') {
    return wrong(
      place,
      'this file holds no recorded trigger with its body',
      'save a line of `GET /api/triggers`; a payload by itself stands under `payload`',
    );
  }
  const { content_type: contentType, headers, part, received_at: receivedAt } = recorded;
  return {
    contentType: typeof contentType === 'string' ? contentType : json.contentType,
    headers: isMapping(headers) ? headers : {},
    body: Buffer.from(recorded.body, 'base64'),
    part: typeof part === 'number' ? part : null,
    recordedAt: typeof receivedAt === 'string' && !Number.isNaN(Date.parse(receivedAt)) ? receivedAt : null,
  };
}

function wrong(place: Place, message: string, help: string, at: 'key' | 'value' = 'value'): null {
  place.report({ code: 'SB181', message, help, at });
  return null;
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** RFC 7396: a member replaces, null takes away, mappings are merged. */
function mergePatch(value: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch;
  const merged: Record<string, unknown> = { ...(isMapping(value) ? value : {}) };
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], change);
  }
  return merged;
}
