import { bounded } from '../../infer/bounded.ts';
import { merge } from '../../infer/merge.ts';
import { observe } from '../../infer/observe.ts';
import type { Shape } from '../../infer/shape.ts';
import { isLabel } from '../../infer/text.ts';
import { limits } from '../../limits.ts';
import { usualMin } from './changes.ts';

/**
 * What is known of one kind of payloads of one source: two generations of what is usual, and the window that is held
 * against them. A full window becomes a part of what is usual, and the older generation is forgotten in its time.
 */
export interface Window {
  readonly older: Shape | null;
  readonly younger: Shape | null;
  readonly recent: Shape | null;
}

export const emptyWindow: Window = { older: null, younger: null, recent: null };

/** Payloads of a full window; it is looked at each time so many more have come. */
const windowMax = 64;
const lookEvery = 16;
const generationMax = 2_000;

/** What the new payloads make of a window, and whether it is to be looked at now. */
export function extended(
  { older, younger, recent }: Window,
  payloads: readonly unknown[],
): Window & { look: boolean } {
  const before = recent?.samples ?? 0;
  const now = payloads.reduce<Shape | null>((shape, each) => observe(shape, each, { values: false }), recent);
  const look = now !== null && Math.floor(now.samples / lookEvery) > Math.floor(before / lookEvery);
  return { older, younger, recent: now === null ? null : bounded(now, limits.driftNodesMax), look };
}

/** The window for the next payloads: one that is full, or not yet needed, has become usual. */
export function turned({ older, younger, recent }: Window): Window {
  const unknown = (usualOf({ older, younger, recent })?.samples ?? 0) < usualMin;
  if (recent === null || (recent.samples < windowMax && !unknown)) return { older, younger, recent };
  const grown = bounded(younger === null ? recent : merge(younger, recent), limits.driftNodesMax);
  return grown.samples < generationMax
    ? { older, younger: grown, recent: null }
    : { older: grown, younger: null, recent: null };
}

/** What is usual. */
export function usualOf({ older, younger }: Window): Shape | null {
  return older === null || younger === null ? (older ?? younger) : merge(older, younger);
}

/** Whether a window is full. */
export function isFull({ recent }: Window): boolean {
  return recent !== null && recent.samples >= windowMax;
}

/** A shape as it is stored. */
export function written(shape: Shape | null): string | null {
  if (shape === null) return null;
  return JSON.stringify(shape, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
}

/** A stored shape. Only `fields` are a map there: no values or variants are kept. */
export function read(stored: unknown): Shape | null {
  if (stored === null) return null;
  return reviveShape(stored as StoredShape);
}

type StoredShape = Omit<Shape, 'list' | 'object'> & {
  readonly list: (Omit<NonNullable<Shape['list']>, 'of'> & { readonly of: StoredShape | null }) | null;
  readonly object: StoredObject | null;
};

type StoredObject = Omit<NonNullable<Shape['object']>, 'fields' | 'others'> & {
  readonly fields:
    | readonly (readonly [string, { readonly always: number; readonly shape: StoredShape }])[]
    | null;
  readonly others: StoredShape | null;
};

function reviveShape(stored: StoredShape): Shape {
  const { list, object } = stored;
  return {
    ...stored,
    list: list === null ? null : { ...list, of: list.of === null ? null : reviveShape(list.of) },
    object: object === null ? null : reviveObject(object),
  };
}

function reviveObject(object: StoredObject): Shape['object'] {
  const { fields, others } = object;
  return {
    ...object,
    fields:
      fields &&
      new Map(fields.map(([name, { always, shape }]) => [name, { always, shape: reviveShape(shape) }])),
    others: others && reviveShape(others),
  };
}

/** Headers by which senders name the kind of a payload. */
const kindHeaders = [
  'x-github-event',
  'x-gitlab-event',
  'x-gitea-event',
  'x-shopify-topic',
  'x-event-key',
  'ce-type',
];
const kindNames = [
  'type',
  'event',
  'event_type',
  'eventType',
  'event_name',
  'topic',
  'subscriptionType',
  'object_kind',
];

/** The label of a payload's kind; empty: it names none. */
export function kindOf(payload: unknown, headers: Readonly<Record<string, string>>): string {
  // `Push Hook`: what a header says is the program's own.
  const inHeader = kindHeaders.map((name) => headers[name]).find((each) => each !== undefined);
  if (inHeader !== undefined && isLabel(inHeader.replaceAll(' ', '_'))) return inHeader;
  if (typeof payload !== 'object' || payload === null) return '';
  const members = payload as Readonly<Record<string, unknown>>;
  const named = kindNames.map((name) => (Object.hasOwn(members, name) ? members[name] : undefined));
  return named.filter((each) => typeof each === 'string').find(isLabel) ?? '';
}
