import type { ExceptionPolicy } from '../../exceptions/exception.ts';
import type { Place } from '../place.ts';
import type { Project } from '../project.ts';
import type { CompiledWorkflow, Ref } from '../workflow.ts';

type People = Pick<Project, 'people' | 'teams'>;

/**
 * Reports where work would come back to whoever let it lie: an alternate who is the owner's only person, and an
 * escalation that names somebody twice. `place`: the workflow file. The same ref as owner and alternate is
 * reported where it is compiled.
 */
export function checkOwnership(place: Place, workflow: Omit<CompiledWorkflow, 'version'>, people: People) {
  const { owner, alternate, exceptions } = workflow;
  reportOnlyPerson(owner, alternate, place.get('alternate'), people);
  const section = place.get('exceptions');
  reportOnlyPerson(exceptions.owner, exceptions.alternate, section.get('alternate'), people);
  reportCircles(exceptions, section.get('escalate'), people);
  for (const [mode, override] of section.get('on').entries()) {
    checkOverride(mode, override, exceptions, people);
  }
}

/** What one failure mode has of its own, in the escalation that it shares with the others. */
function checkOverride(mode: string, place: Place, policy: ExceptionPolicy, people: People): void {
  const { owner, alternate } = {
    ...policy,
    ...Object.entries(policy.on).find(([name]) => name === mode)?.[1],
  };
  const own = ['alternate', 'owner'].filter((key) => place.get(key).value !== undefined);
  const [key] = own;
  if (key === undefined) return;
  reportOnlyPerson(owner, alternate, place.get(key), people);
  // The alternate followed by itself is only skipped; the owner would get it back.
  const [second] = policy.escalate.filter((next) => isSame(next, owner, people));
  if (!own.includes('owner') || second === undefined) return;
  place.get('owner').report({
    code: 'SB170',
    message: `${mode} begins with ${owner}, and the escalation comes back ${second === owner ? 'there' : `to ${second}`}`,
    help: 'whoever let it lie gets it again: name another owner for this failure mode, or take them out of `escalate`',
    severity: 'warning',
  });
}

/** Reports an alternate who is another name of the owner: a team of one, and that one. */
function reportOnlyPerson(owner: Ref, alternate: Ref, place: Place, people: People): void {
  if (owner === alternate || !isSame(owner, alternate, people)) return;
  const [person = ''] = membersOf(owner, people);
  place.report({
    code: 'SB125',
    message: `${owner} and ${alternate} are the same person: ${people.people.get(person)?.name ?? person}`,
    help: 'the alternate takes over when the owner is away: name somebody else, or add somebody to the team',
    // A team may grow; the names are two.
    severity: 'warning',
  });
}

/** Reports who stands in `escalate` and had it before. */
function reportCircles(policy: ExceptionPolicy, place: Place, people: People): void {
  const rungs = [policy.owner, policy.alternate, ...policy.escalate];
  for (const [index, next] of place.elements().entries()) {
    const rung = index + 2;
    const ref = rungs[rung];
    const earlier = rungs.findIndex(
      (each, at) => at < rung && ref !== undefined && isSame(each, ref, people),
    );
    if (earlier === -1 || ref === undefined) continue;
    const isSkipped = earlier === rung - 1 && rungs[earlier] === ref;
    const isCertain = rungs[earlier] === ref && !isSkipped;
    next.report({
      code: 'SB170',
      message: `the escalation ${isSkipped ? 'stays with' : 'comes back to'} ${ref}, who had it before as ${nameOf(earlier, rungs, ref)}`,
      help: isSkipped
        ? 'this rung changes nothing and is skipped: leave it out, or name the next one up'
        : 'whoever let it lie gets it again, and nobody new hears of it: name somebody else, or leave it out',
      severity: isCertain ? 'error' : 'warning',
    });
  }
}

function nameOf(rung: number, rungs: readonly Ref[], ref: Ref): string {
  const place = ['the owner', 'the alternate'][rung] ?? `step ${rung - 1}`;
  return rungs[rung] === ref ? place : `${place} (${rungs[rung]})`;
}

/** The same ref, or one person by two names. */
function isSame(a: Ref, b: Ref, people: People): boolean {
  if (a === b) return a !== ('' as Ref);
  const [first, ...more] = membersOf(a, people);
  const [other, ...others] = membersOf(b, people);
  return first !== undefined && first === other && more.length === 0 && others.length === 0;
}

function membersOf(ref: Ref, { teams }: People): readonly string[] {
  const key = ref.slice(ref.indexOf(':') + 1);
  if (ref.startsWith('person:')) return [key];
  return teams.get(key)?.members ?? [];
}
