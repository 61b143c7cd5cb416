import type { Mark, Marks } from './samples.ts';

/** A field or combination that could tell one logical trigger from another. */
export interface IdentityCandidate {
  /** CEL: `payload.lead_id`. */
  readonly expression: string;
  /** Different values, and different payloads that they came in. */
  readonly values: number;
  readonly payloads: number;
  /** Values that came with more than one content: updates of a thing, or not its identity. */
  readonly clashes: number;
  /** Why, one sentence. */
  readonly reason: string;
}

/**
 * What may be the identity of these samples, the best first, at most `most`; empty: nothing that all of them have.
 * A value counts as unique where equal values came with equal content: a sender's retry.
 */
export function identitiesOf(samples: readonly Marks[], most = 4): IdentityCandidate[] {
  const [first, ...rest] = samples;
  if (first === undefined) return [];
  const everywhere = [...first.values.keys()].filter((key) => rest.every(({ values }) => values.has(key)));
  const single = everywhere.map((key) => judged([key], samples)).filter(({ score }) => score > 0);
  single.sort(better);
  const [best] = single;
  const enough = best !== undefined && best.values === best.payloads;
  const all = enough ? single : [...single, ...combinations(everywhere, single, samples)];
  return all
    .sort(better)
    .slice(0, most)
    .map(({ score: _, ...candidate }) => candidate);
}

interface Judged extends IdentityCandidate {
  readonly score: number;
}

function better(a: Judged, b: Judged): number {
  return (
    b.score - a.score || a.expression.length - b.expression.length || (a.expression < b.expression ? -1 : 1)
  );
}

/** Fields that say what happened to a thing, or which state of it this is. */
const moments =
  /[.["](action|event|event_type|eventType|type|topic|status|state|version|sequence|updated_at|updatedAt|modified_at|timestamp|time|created)("\])?$/;

/** A thing and what happened to it: `payload.issue.id` and `payload.action`. */
function combinations(
  keys: readonly string[],
  single: readonly Judged[],
  samples: readonly Marks[],
): Judged[] {
  const things = single.slice(0, 6).map(({ expression }) => expression);
  const seconds = keys.filter((key) => moments.test(key) && depthOf(key) <= 2).slice(0, 8);
  return things
    .flatMap((thing) =>
      seconds.filter((second) => second !== thing).map((second) => judged([thing, second], samples)),
    )
    .filter(({ score, values, payloads }) => score > 0 && values === payloads);
}

function judged(keys: readonly string[], samples: readonly Marks[]): Judged {
  const contents = new Map<string, Set<string>>();
  for (const { content, values } of samples) {
    const value = keys.map((key) => values.get(key)?.digest ?? '').join(' ');
    contents.set(value, (contents.get(value) ?? new Set()).add(content));
  }
  const payloads = new Set(samples.map(({ content }) => content)).size;
  const clashes = [...contents.values()].filter((each) => each.size > 1).length;
  const names = keys.map(nameScore);
  // Few samples say little of what is unique; then the name counts.
  const weight = Math.min(1, (payloads - 1) / 8);
  const unique = contents.size / payloads;
  const score = (names[0] ?? 0) + (unique * 4 - (unique < 0.5 ? 3 : 0)) * weight - (keys.length - 1) * 1.5;
  const found = { values: contents.size, payloads, clashes };
  const named = (names[0] ?? 0) >= nameSays;
  return {
    expression: expressionOf(keys, samples[0]),
    ...found,
    reason: reasonOf({ ...found, repeats: samples.length - payloads, named }),
    score: (names[0] ?? 0) <= neverAlone ? 0 : score,
  };
}

function expressionOf(keys: readonly string[], sample: Marks | undefined): string {
  if (keys.length === 1) return keys[0] ?? '';
  const asText = (key: string) => (kindOf(sample?.values.get(key)) === 'number' ? `string(${key})` : key);
  return keys.map(asText).join(' + "/" + ');
}

function kindOf(mark: Mark | undefined): Mark['kind'] {
  return mark?.kind ?? 'text';
}

function reasonOf(found: {
  values: number;
  payloads: number;
  clashes: number;
  repeats: number;
  named: boolean;
}): string {
  const { values, payloads, clashes, repeats, named } = found;
  const name = named ? 'its name says so, and ' : '';
  if (payloads === 1) return `${name}one sample cannot tell whether it is unique`;
  const unique = `${values} values in ${payloads} different payloads`;
  if (clashes > 0) return `${name}${unique}: ${clashes} came again with other content, as an update would`;
  const again = repeats === 0 ? '' : `; ${repeats} repeats had it again with the same content`;
  return values === payloads ? `${name}unique: ${unique}${again}` : `${name}${unique}`;
}

const nameSays = 2;
const neverAlone = -3;

/** What the name of a field says for and against its being the identity. */
function nameScore(key: string): number {
  if (key.startsWith('headers[')) return 4;
  const path = key
    .replaceAll(/\["([^"]*)"\]/g, '.$1')
    .split('.')
    .slice(1);
  const words = (path.at(-1) ?? '').replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  const depth = (path.length - 1) * 0.75;
  const parents = path.slice(0, -1).join('.').toLowerCase();
  const others = ofOthers.test(`${parents}.`) || ofOthers.test(words) ? 2.5 : 0;
  return lastWordScore(words) - depth - others;
}

/** Ids of what a trigger belongs to, not of the trigger. */
const ofOthers =
  /(^|[._])(account|user|customer|owner|workspace|organi[sz]ation|org|team|sender|author|actor|creator|repository|repo|project|installation|app|application|portal|subscription|webhook|hook|form|page|campaign|ad|adgroup|parent|tenant|company|shop|store|merchant|assignee|brand|channel|list|product|plan)s?([._]|$)/;

function lastWordScore(words: string): number {
  if (
    /^(event|delivery|message|notification|request|submission|lead|leadgen|order|transaction|payment|response|record|entry)_(id|gid|uuid|token|key|number)$/.test(
      words,
    )
  ) {
    return 4;
  }
  if (/^(id|uuid|guid|gid|_id)$/.test(words)) return 3.5;
  if (/(^|_)(id|uuid|guid|gid|sid)$/.test(words)) return 2;
  if (/(^|_)(number|key|reference|ref|token|code)$/.test(words)) return 1;
  if (/(^|_)(at|on|time|timestamp|date|created|updated|modified)$/.test(words)) return -1.5;
  if (
    /(^|_)(e?mail|phone|name|title|subject|message|text|body|description|url|uri|link|amount|price|budget|total|count|ip)$/.test(
      words,
    )
  ) {
    return -3.5;
  }
  return -1;
}

function depthOf(key: string): number {
  return key.replaceAll(/\["([^"]*)"\]/g, '.x').split('.').length - 1;
}
