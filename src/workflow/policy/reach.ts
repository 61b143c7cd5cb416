import { reachable } from '../../exceptions/reach.ts';
import type { Place } from '../place.ts';
import type { Project } from '../project.ts';
import type { CompiledWorkflow, Ref } from '../workflow.ts';

type People = Pick<Project, 'people' | 'teams'>;

/** Reports people without an address through whom work, exceptions or approvals would reach nobody. `root`: signalbox.yaml. */
export function checkReach(
  root: Place,
  workflows: readonly Omit<CompiledWorkflow, 'version'>[],
  people: People,
): void {
  const reached = reachable(people);
  const lost = [...new Set(workflows.flatMap(named))].filter((ref) => !reached.has(ref));
  for (const person of people.people.values()) {
    const through = lost.filter((ref) => isOrHolds(ref, person.key, people));
    if (person.email !== null || through.length === 0) continue;
    root
      .get('people')
      .get(person.key)
      .report({
        code: 'SB171',
        message: `${person.name} has no address, so that ${through.join(', ')} cannot be reached`,
        help: `what is theirs goes past them to the next one at once: add \`email: ${person.key}@example.com\``,
        severity: 'warning',
        at: 'key',
      });
  }
}

/** Everyone whom a workflow waits for. */
function named({ owner, alternate, routes, handoffs, exceptions }: Omit<CompiledWorkflow, 'version'>): Ref[] {
  const overrides = Object.values(exceptions.on).flatMap((each) => [each.owner, each.alternate]);
  const approvers = handoffs.flatMap(({ approval, outcome }) => [
    approval?.by,
    approval?.alternate,
    outcome.confirm?.by,
  ]);
  const refs = [owner, alternate, exceptions.owner, exceptions.alternate, ...exceptions.escalate];
  const routed = [...routes.rules.map(({ to }) => to), routes.otherwise];
  return [...refs, ...overrides, ...approvers, ...routed].filter(
    (ref): ref is Ref => ref !== undefined && ref !== 'triage',
  );
}

function isOrHolds(ref: Ref, person: string, { teams }: People): boolean {
  const key = ref.slice(ref.indexOf(':') + 1);
  return ref.startsWith('team:') ? (teams.get(key)?.members.includes(person) ?? false) : key === person;
}
