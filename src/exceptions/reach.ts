import type { Person, Project } from '../workflow/project.ts';
import type { Ref } from '../workflow/workflow.ts';

type People = Pick<Project, 'people' | 'teams'>;

/** Everyone who can be reached: people with an address, and teams with such a member. With `now`, who is away without cover cannot. Pure. */
export function reachable(project: People, now: Date | null = null): ReadonlySet<Ref> {
  const here = [...project.people.values()].filter(
    (person) => person.email !== null && (now === null || isCovered(person, project, now)),
  );
  const known = new Set(here.map(({ key }) => key));
  const teams = [...project.teams.values()].filter(({ members }) => members.some((key) => known.has(key)));
  return new Set<Ref>([
    ...[...known].map((key): Ref => `person:${key}`),
    ...teams.map(({ key }): Ref => `team:${key}`),
  ]);
}

/** Whether a person is here, or somebody with an address who is here has their work. Pure. */
function isCovered(person: Person, project: People, now: Date): boolean {
  const away = awayAt(person, now);
  if (away === null) return true;
  if (away.cover === null) return false;
  const key = away.cover.slice(away.cover.indexOf(':') + 1);
  const members = away.cover.startsWith('team:') ? (project.teams.get(key)?.members ?? []) : [key];
  return members.some((member) => {
    const cover = project.people.get(member);
    return cover !== undefined && cover.email !== null && awayAt(cover, now) === null;
  });
}

/** The time away that a person is in; null: they are here. Pure. */
export function awayAt({ away }: Person, now: Date): Person['away'][number] | null {
  const today = now.toISOString().slice(0, 10);
  return away.find(({ from, until }) => from <= today && today <= until) ?? null;
}

/** Whether a ref names somebody of the project. Pure. */
export function isKnown(project: People, ref: Ref): boolean {
  const key = ref.slice(ref.indexOf(':') + 1);
  return ref.startsWith('team:') ? project.teams.has(key) : project.people.has(key);
}
