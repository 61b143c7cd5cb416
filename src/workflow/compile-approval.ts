import { optionalExpressionAt, truth } from './compile-expression.ts';
import { durationAt, referenceAt } from './compile-parts.ts';
import { formatDuration } from './duration.ts';
import type { ExpressionEnvironment } from './expression.ts';
import { isMapping, type Place } from './place.ts';
import type { CompiledHandoff } from './workflow.ts';
import type { World } from './world.ts';

/** The `approval:` of a handoff. */
export function compileApproval(
  place: Place,
  environment: ExpressionEnvironment,
  { directory }: World,
): CompiledHandoff['approval'] {
  if (!isMapping(place.value)) return null;
  const by = referenceAt(place.get('by'), directory);
  const withinMs = durationAt(place.get('within'));
  const alternate =
    place.get('alternate').value === undefined ? null : referenceAt(place.get('alternate'), directory);
  const count = place.get('approvals').value;
  const approvals = typeof count === 'number' && count > 1 ? count : 1;
  const fourEyes = place.get('four_eyes').value === true;
  if (alternate !== null && alternate === by) {
    place.get('alternate').report({
      code: 'SB125',
      message: `${alternate} is asked already`,
      help: 'the alternate decides when nobody else has: name somebody else',
    });
  }
  if (alternate === null && place.get('alternate_within').value !== undefined) {
    place.get('alternate_within').report({
      code: 'SB116',
      message: '`alternate_within` has no meaning without `alternate`',
      help: 'say who is asked then: `alternate: person:…`',
      at: 'key',
    });
  }
  return {
    when: optionalExpressionAt(place.get('when'), environment, truth),
    by,
    withinMs,
    remindMs: remindMsAt(place.get('remind'), withinMs),
    ...(alternate !== null && {
      alternate,
      alternateMs: durationAt(place.get('alternate_within'), withinMs),
    }),
    ...(fourEyes && { fourEyes }),
    ...(approvals > 1 && { approvals }),
  };
}

/** A quarter of the time, where nobody says how long before a deadline a reminder comes. */
export function defaultRemindMs(withinMs: number): number {
  return Math.floor(withinMs / 4);
}

/** How long before a deadline a reminder comes. */
export function remindMsAt(place: Place, withinMs: number): number {
  const remindMs = durationAt(place, defaultRemindMs(withinMs));
  if (place.value === undefined || withinMs === 0 || remindMs < withinMs) return remindMs;
  place.report({
    code: 'SB129',
    message: `the reminder comes before anybody is asked: ${formatDuration(remindMs)} before the end of ${formatDuration(withinMs)}`,
    help: 'it is so long before the deadline: make it shorter than `within`',
  });
  return remindMs;
}
