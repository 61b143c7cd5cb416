import { awayAt, isKnown, reachable } from '../../exceptions/reach.ts';
import type { Project } from '../../workflow/project.ts';
import type { Ref } from '../../workflow/workflow.ts';

/** Why an owner cannot answer for work, in words; null: they can. Pure. */
export function lapseOf(ref: Ref, project: Pick<Project, 'people' | 'teams'>, now: Date): string | null {
  if (!isKnown(project, ref)) return `${ref} is no longer in the project`;
  if (reachable(project, now).has(ref)) return null;
  if (!reachable(project).has(ref)) return `${ref} has no way to be reached`;
  const person = project.people.get(ref.slice(ref.indexOf(':') + 1));
  const away = ref.startsWith('person:') && person !== undefined ? awayAt(person, now) : null;
  return away === null
    ? `everybody of ${ref} is away, and nobody covers for them`
    : `${ref} is away until ${away.until}, and nobody covers for them`;
}
