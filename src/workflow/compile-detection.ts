import type { ExceptionPolicy } from '../exceptions/exception.ts';
import { limits } from '../limits.ts';
import {
  type Directory,
  durationAt,
  referenceAt,
  reportDeadlines,
  reportSameOwner,
  textsAt,
} from './compile-parts.ts';
import type { Place } from './place.ts';
import type { Away, Detection, Project } from './project.ts';
import type { CompiledWorkflow } from './workflow.ts';

/** What of `signalbox.yaml` detection goes by. */

export function compileDetection(place: Place, directory: Directory): Detection {
  const stuckAfterMs = durationAt(place.get('stuck_after'), limits.stuckAfterMs);
  if (place.value === undefined) return { policy: null, stuckAfterMs };
  const policy: ExceptionPolicy = {
    owner: referenceAt(place.get('owner'), directory),
    alternate: referenceAt(place.get('alternate'), directory),
    ttlMs: durationAt(place.get('ttl'), limits.detectionTtlMs),
    resolveWithinMs: durationAt(place.get('resolve_within'), limits.detectionResolveWithinMs),
    claimLeaseMs: limits.claimLeaseMs,
    escalate: place
      .get('escalate')
      .elements()
      .map((next) => referenceAt(next, directory)),
    rootCauses: textsAt(place.get('root_causes')),
    on: {},
  };
  reportSameOwner(policy.owner, policy.alternate, place.get('alternate'));
  reportDeadlines(policy.ttlMs, policy.resolveWithinMs, place.get('ttl'));
  return { policy, stuckAfterMs };
}

export function compileHeartbeat(place: Place): Project['heartbeat'] {
  if (place.value === undefined) return null;
  const everyMs = durationAt(place.get('every'));
  if (everyMs < limits.heartbeatEveryMinMs) {
    place.get('every').report({
      code: 'SB113',
      message: 'a heartbeat is called every 10s at most',
      help: 'who listens waits for minutes before they raise an alarm: write `every: 1m`',
    });
  }
  return { url: place.get('url').text(), everyMs, allowPrivate: place.get('allow_private').value === true };
}

export function compileAway(place: Place, person: string, directory: Directory): Away {
  const [from, until] = [place.get('from').text(), place.get('until').text()];
  if (from !== '' && until !== '' && until < from) {
    place.get('until').report({
      code: 'SB113',
      message: `the time away ends (${until}) before it begins (${from})`,
      help: '`from` is the first day, `until` the last',
    });
  }
  const cover = place.get('cover');
  if (cover.value === undefined) return { from, until, cover: null };
  if (cover.text() === `person:${person}`) {
    cover.report({
      code: 'SB113',
      message: `${person} cannot cover for themselves`,
      help: 'name who has their work meanwhile, or leave `cover` out: then it goes to the next one at once',
    });
  }
  return { from, until, cover: referenceAt(cover, directory) };
}

/** Reports a source or workflow with the name that findings have of their own. */
export function reportOwnName(key: string, place: Place): void {
  if (key !== 'signalbox') return;
  place.report({
    code: 'SB113',
    message: '`signalbox` is the name under which Signalbox tells what it found itself',
    help: 'give it another name',
    at: 'key',
  });
}

/** Reports where findings about no workflow would go to one of several owners. `root`: signalbox.yaml. */
export function checkDetection(
  root: Place,
  workflows: readonly Omit<CompiledWorkflow, 'version'>[],
  { policy }: Detection,
): void {
  const owners = new Set(workflows.map(({ exceptions }) => `${exceptions.owner} ${exceptions.alternate}`));
  if (policy !== null || owners.size < 2) return;
  const [first] = [...workflows].sort((a, b) => (a.name < b.name ? -1 : 1));
  root.report({
    code: 'SB111',
    message: `\`detection\` is missing: what concerns no one workflow would go to ${first?.exceptions.owner}, who has the exceptions of \`${first?.name}\``,
    help: 'say who settles it: `detection: { owner: team:ops, alternate: person:dana }`',
    severity: 'warning',
    at: 'key',
  });
}
