import { canonical } from '../../audit/encoding.ts';
import { triageModes } from '../../exceptions/exception.ts';
import { changedPaths } from '../../ticket/difference.ts';
import type { Standing } from './standing.ts';

/** What differs between two decisions on one trigger. */
export interface Difference {
  readonly state: boolean;
  readonly route: boolean;
  /** Who answers for the ticket, or takes its exception. */
  readonly owner: boolean;
  readonly confidence: boolean;
  readonly exception: 'new' | 'gone' | 'other' | null;
  /** To or from the triage queue. */
  readonly triage: 'new' | 'gone' | null;
  readonly identity: boolean;
  /** Ids of handoffs. */
  readonly newHandoffs: readonly string[];
  readonly goneHandoffs: readonly string[];
  /** What would be sent otherwise: `create-project: /body/name`. */
  readonly changedRequests: readonly string[];
}

/** Sets two decisions side by side. Pure. */
export function differenceOf(before: Standing, after: Standing): Difference {
  const sentBefore = new Map(before.handoffs.map(({ id, sent }) => [id, sent]));
  const sentAfter = new Map(after.handoffs.map(({ id, sent }) => [id, sent]));
  return {
    state: before.state !== after.state,
    route: before.route !== after.route,
    owner: ownerDiffers(before, after),
    confidence: before.confidence !== after.confidence,
    exception: exceptionDifference(before, after),
    triage: turned(isTriage(before), isTriage(after)),
    identity: !before.identities.some((identity) => after.identities.includes(identity)),
    newHandoffs: [...sentAfter.keys()].filter((id) => !sentBefore.has(id)),
    goneHandoffs: [...sentBefore.keys()].filter((id) => !sentAfter.has(id)),
    changedRequests: [...sentAfter].flatMap(([id, sent]) => {
      const was = sentBefore.get(id);
      if (was === undefined || same(was, sent)) return [];
      return changedPaths(was, plain(sent), 3).map(
        (path) => `${id}: ${path.replaceAll(/\/\d+(?=\/|$)/g, '/*')}`,
      );
    }),
  };
}

/** Whether a ticket goes elsewhere, is another's, or does something else. */
export function isChange(difference: Difference): boolean {
  const { state, route, owner, exception, newHandoffs, goneHandoffs, changedRequests } = difference;
  const handoffs = newHandoffs.length + goneHandoffs.length + changedRequests.length;
  return state || route || owner || exception !== null || handoffs > 0;
}

function ownerDiffers(before: Standing, after: Standing): boolean {
  if (before.owner !== after.owner) return true;
  // Of another exception another person is to be expected.
  const both = before.exception !== null && before.exception.mode === after.exception?.mode;
  return both && before.exception?.owner !== after.exception?.owner;
}

function exceptionDifference(before: Standing, after: Standing): Difference['exception'] {
  const turn = turned(before.exception !== null, after.exception !== null);
  return turn ?? (before.exception?.mode === after.exception?.mode ? null : 'other');
}

function turned(before: boolean, after: boolean): 'new' | 'gone' | null {
  if (before === after) return null;
  return after ? 'new' : 'gone';
}

function isTriage({ exception }: Standing): boolean {
  return exception !== null && triageModes.has(exception.mode);
}

/** Texts first: recorded and drafted requests have their members in the same order. */
function same(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b) || canonical(plain(a)) === canonical(plain(b));
}

function plain(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}
