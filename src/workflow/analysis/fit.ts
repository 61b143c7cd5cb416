import type { Place } from '../place.ts';
import { suggest } from '../suggest.ts';
import { domainIn, type Outcome, type Value } from './case.ts';
import { admits, anyJson, type Domain, intersected, isEmpty, ofKinds, ofValues } from './domain.ts';
import type { Inspected } from './inspect.ts';
import { described, listed, literal } from './words.ts';

/** Who takes a value, and what becomes of tickets whose value it does not take: "stop as …". */
export interface Taker {
  readonly taker: string;
  readonly stops: string;
}

/** Reports a value that its taker surely refuses, or of which it refuses some. `inspected`: null for a plain null. */
export function fitOf(
  place: Place,
  inspected: Inspected | null,
  taken: Domain,
  { taker, stops }: Taker,
): void {
  const sent = inspected === null ? nullSent(place) : sentOf(inspected.outcomes);
  if (sent.length === 0 || inspected?.isReported) return;
  const refused = sent.filter((domain) => isEmpty(intersected(domain, taken)));
  const takes = described(taken) ?? listed([...taken.kinds].map(kindName), 'or');
  const [first] = refused;
  if (first !== undefined) {
    const all = refused.length === sent.length;
    const given = described(first) ?? 'what this is';
    place.report({
      code: 'SB168',
      message: `${taker} does not take ${given}${all ? ' here' : ', which this may be'}`,
      help: `${all ? 'every ticket' : 'such a ticket'} would ${stops}; it takes ${takes}${correction(place, first, taken)}`,
    });
    return;
  }
  const values = sent.flatMap((domain) => domain.values ?? []).filter((value) => !admits(taken, value));
  if (values.length === 0) return;
  place.report({
    code: 'SB168',
    message: `${taker} does not take ${listed([...new Set(values)].map(literal), 'or')}, which this may be`,
    help: `such a ticket would ${stops}; it takes ${takes}`,
    severity: 'warning',
  });
}

function nullSent(place: Place): Domain[] {
  return place.value === null ? [ofValues([null])] : [];
}

/** What may be sent, in each way that an expression may come out. */
export function sentOf(outcomes: readonly Outcome[]): Domain[] {
  return outcomes.flatMap(({ given, value }) => (value === undefined ? [] : [domainOf(value, given)]));
}

function domainOf(value: Value, given: Outcome['given']): Domain {
  if (value.kind === 'constant') return ofValues([value.value]);
  if (value.kind === 'list') return ofKinds(['list']);
  const domain = domainIn(given, value);
  // A time is sent as text.
  return domain.kinds.has('other') ? anyJson : domain;
}

/** What to write instead, where one expression turns into the other. */
function correction(place: Place, sent: Domain, taken: Domain): string {
  const source = place.written() ?? '';
  const only = ({ kinds }: Domain, kind: string) => kinds.size === 1 && [...kinds][0] === kind;
  if (only(sent, 'number') && only(taken, 'string')) return `: write \`string(${source})\``;
  if (only(sent, 'string') && only(taken, 'number') && sent.values === null)
    return `: write \`double(${source})\``;
  const [text] = sent.values ?? [];
  const texts = (taken.values ?? []).filter((value) => typeof value === 'string');
  const meant = typeof text === 'string' ? suggest(text, texts) : null;
  return meant === null ? '' : `: did you mean ${literal(meant)}?`;
}

function kindName(kind: string): string {
  return (
    { bool: 'true or false', string: 'a text', number: 'a number', list: 'a list', object: 'an object' }[
      kind
    ] ?? kind
  );
}
