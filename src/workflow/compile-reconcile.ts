import { limits } from '../limits.ts';
import { expressionAt, json } from './compile-expression.ts';
import { durationAt } from './compile-parts.ts';
import { compileListing } from './compile-poll.ts';
import { expressionEnvironment } from './expression.ts';
import { namesOf } from './expression-parse.ts';
import { isMapping, type Place } from './place.ts';
import type { Listing, ReadAgain, Reconcile } from './project.ts';
import type { World } from './world.ts';

const hourMs = 3_600_000;

/** What the expressions of a list see of the time that is compared. */
const window = {
  type: 'object',
  properties: { from: { type: 'string' }, until: { type: 'string' } },
  required: ['from', 'until'],
  additionalProperties: false,
};

/** The `reconcile:` section of a source; null where it has none. */
export function compileReconcile(place: Place, world: World): Reconcile | null {
  if (!isMapping(place.value)) return null;
  const { listing } = compileListing(place, world, { window });
  const reconcile = {
    ...listing,
    everyMs: Math.max(durationAt(place.get('every'), hourMs), limits.pollEveryMinMs),
    lookbackMs: durationAt(place.get('lookback'), 48 * hourMs),
    settleMs: durationAt(place.get('settle'), hourMs / 6),
    since: momentAt(place.get('since')),
    at:
      place.get('at').value === undefined
        ? null
        : expressionAt(place.get('at'), expressionEnvironment({ element: true }), json).expression,
    endsAtUntil: argumentsOf(listing).some((text) => /\bwindow\s*\.\s*until\b/.test(text)),
  };
  reportUnbounded(place, reconcile);
  return reconcile;
}

/** The texts of the parameters of the first page. */
function argumentsOf({ request }: Listing): string[] {
  return request.parameters.map(({ value }) => value.source);
}

function reportUnbounded(place: Place, reconcile: Reconcile): void {
  if (reconcile.lookbackMs <= reconcile.settleMs) {
    place.get(place.get('lookback').value === undefined ? 'settle' : 'lookback').report({
      code: 'SB178',
      message: '`lookback` is not longer than `settle`: nothing would ever be compared',
      help: 'what is younger than `settle` may still come by itself; only what is older, up to `lookback`, is compared',
    });
  }
  const texts = [...argumentsOf(reconcile), reconcile.nextPage?.when.source ?? ''];
  if (reconcile.at !== null || texts.some((text) => namesOf(text).has('window'))) return;
  place.report({
    code: 'SB178',
    message: 'nothing keeps this list to the time that is compared',
    help: 'without it, all that the source ever held would be taken: name `window.from` in `with`, or say when an element was made: `at: element.created_at`',
    at: 'key',
  });
}

function momentAt(place: Place): Date | null {
  const text = place.text();
  if (text === '') return null;
  const moment = new Date(text);
  if (/^\d{4}-\d\d-\d\d([Tt].+)?$/.test(text) && !Number.isNaN(moment.getTime())) return moment;
  place.report({
    code: 'SB113',
    message: `\`${text}\` is not a moment`,
    help: 'write it as RFC 3339 has it: `2026-03-01T00:00:00Z`',
  });
  return null;
}

/** The `read_again:` section of a destination; null where it has none. */
export function compileReadAgain(place: Place): ReadAgain | null {
  if (!isMapping(place.value)) return null;
  const places = place.get('after').elements();
  const afterMs = places.map((each) => durationAt(each));
  afterMs.forEach((ms, index) => {
    if (index === 0 || ms > (afterMs[index - 1] ?? 0)) return;
    places[index]?.report({
      code: 'SB113',
      message: 'each of `after` is longer than the one before',
      help: 'they count from the confirmation: `after: [1d, 7d]`',
    });
  });
  return { afterMs, everyMs: durationAt(place.get('every'), 1_000) };
}
