import {
  type ExceptionOverride,
  type ExceptionPolicy,
  type FailureMode,
  failureModes,
} from '../exceptions/exception.ts';
import {
  type Directory,
  defaults,
  durationAt,
  referenceAt,
  reportDeadlines,
  reportSameOwner,
  textsAt,
} from './compile-parts.ts';
import type { Place } from './place.ts';

/** The `exceptions:` section, with every default filled in. */
export function compileExceptions(place: Place, directory: Directory | null): ExceptionPolicy {
  const policy = {
    owner: referenceAt(place.get('owner'), directory),
    alternate: referenceAt(place.get('alternate'), directory),
    ttlMs: durationAt(place.get('ttl')),
    resolveWithinMs: durationAt(place.get('resolve_within')),
    claimLeaseMs: durationAt(place.get('claim_lease'), defaults.claimLeaseMs),
    escalate: place
      .get('escalate')
      .elements()
      .map((next) => referenceAt(next, directory)),
    rootCauses: textsAt(place.get('root_causes')),
  };
  reportSameOwner(policy.owner, policy.alternate, place.get('alternate'));
  reportDeadlines(policy.ttlMs, policy.resolveWithinMs, place.get('ttl'));
  const on: Partial<Record<FailureMode, ExceptionOverride>> = {};
  for (const [mode, override] of place.get('on').entries()) {
    if (isFailureMode(mode)) on[mode] = compileOverride(override, policy, directory);
  }
  return { ...policy, on };
}

function compileOverride(
  place: Place,
  base: Pick<ExceptionPolicy, 'owner' | 'alternate' | 'ttlMs' | 'resolveWithinMs'>,
  directory: Directory | null,
): ExceptionOverride {
  const has = (key: string) => place.get(key).value !== undefined;
  const override: ExceptionOverride = {
    ...(has('owner') ? { owner: referenceAt(place.get('owner'), directory) } : {}),
    ...(has('alternate') ? { alternate: referenceAt(place.get('alternate'), directory) } : {}),
    ...(has('ttl') ? { ttlMs: durationAt(place.get('ttl')) } : {}),
    ...(has('resolve_within') ? { resolveWithinMs: durationAt(place.get('resolve_within')) } : {}),
    ...(has('checklist') ? { checklist: textsAt(place.get('checklist')) } : {}),
  };
  // What is not overridden stays, so the mixture is what has to make sense.
  const { owner, alternate, ttlMs, resolveWithinMs } = { ...base, ...override };
  if (has('owner') || has('alternate')) {
    reportSameOwner(owner, alternate, place.get(has('alternate') ? 'alternate' : 'owner'));
  }
  if (has('ttl') || has('resolve_within')) {
    reportDeadlines(ttlMs, resolveWithinMs, place.get(has('ttl') ? 'ttl' : 'resolve_within'));
  }
  return override;
}

function isFailureMode(text: string): text is FailureMode {
  return failureModes.some((mode) => mode === text);
}
