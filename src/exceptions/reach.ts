import type { Project } from '../workflow/project.ts';
import type { Ref } from '../workflow/workflow.ts';

/** Everyone who can be reached: people with an address, and teams with such a member. Pure. */
export function reachable(project: Pick<Project, 'people' | 'teams'>): ReadonlySet<Ref> {
  const people = [...project.people.values()].filter(({ email }) => email !== null).map(({ key }) => key);
  const known = new Set(people);
  const teams = [...project.teams.values()].filter(({ members }) => members.some((key) => known.has(key)));
  return new Set<Ref>([
    ...people.map((key): Ref => `person:${key}`),
    ...teams.map(({ key }): Ref => `team:${key}`),
  ]);
}

/** Whether a ref names somebody of the project. Pure. */
export function isKnown(project: Pick<Project, 'people' | 'teams'>, ref: Ref): boolean {
  const key = ref.slice(ref.indexOf(':') + 1);
  return ref.startsWith('team:') ? project.teams.has(key) : project.people.has(key);
}
