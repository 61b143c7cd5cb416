import type { Role } from '../db/schema-accounts.ts';
import type { Person, Project } from '../workflow/project.ts';
import type { Ref } from '../workflow/workflow.ts';

/** In the order of what they may. An account has one or more. */
export const roles = ['viewer', 'operator', 'owner', 'approver', 'administrator'] as const satisfies Role[];

/** The person whom a name at sign-in means: the key, or an e-mail address that only one has. Null: nobody. Pure. */
export function personNamed(project: Pick<Project, 'people'>, name: string): Person | null {
  const wanted = name.trim().toLowerCase();
  const byKey = project.people.get(wanted);
  if (byKey !== undefined) return byKey;
  const byEmail = [...project.people.values()].filter(({ email }) => email?.toLowerCase() === wanted);
  return byEmail.length === 1 ? (byEmail[0] ?? null) : null;
}

/** Whom a person answers as: themself, and their teams. Pure. */
export function refsOf(project: Pick<Project, 'teams'>, person: string): Ref[] {
  const teams = [...project.teams.values()].filter(({ members }) => members.includes(person));
  return [`person:${person}`, ...teams.map(({ key }): Ref => `team:${key}`)];
}
