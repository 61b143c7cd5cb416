import { differenceOf } from './difference.ts';
import { placeAndCause, type Standing } from './standing.ts';

/** Where one decision leaves a ticket otherwise than another, a sentence each; empty where they agree. Pure. */
export function movement(before: Standing, after: Standing): readonly string[] {
  const { newHandoffs, goneHandoffs, changedRequests, ...differs } = differenceOf(before, after);
  const [was, is] = [placeAndCause(before), placeAndCause(after)];
  const moved = differs.state || differs.route || differs.exception !== null || was !== is;
  return [
    ...(moved ? [`It was ${was}, and would be ${is}.`] : []),
    ...(differs.confidence && before.confidence !== null && after.confidence !== null
      ? [`The confidence was ${before.confidence}, and would be ${after.confidence}.`]
      : []),
    ...(differs.owner ? [`It was with ${ownersOf(before)}, and would be with ${ownersOf(after)}.`] : []),
    ...newHandoffs.map((id) => `It would hand off ${id}, and did not.`),
    ...goneHandoffs.map((id) => `It handed off ${id}, and would not.`),
    ...changedRequests.map((what) => `It would send something else: ${what}.`),
    ...(differs.identity ? ['It would be recognised by something else.'] : []),
  ];
}

function ownersOf({ owner, exception }: Standing): string {
  return exception === null ? owner : `${owner}, its exception with ${exception.owner}`;
}
