import { AppError } from '../../errors.ts';
import type { Project } from '../../workflow/project.ts';
import { suggest } from '../../workflow/suggest.ts';
import type { Ref } from '../../workflow/workflow.ts';

/** Who answers for a ticket. */
export interface Ownership {
  readonly owner: string;
  readonly alternate: string;
}

/**
 * Decides who answers for a ticket after a transfer. Pure. An alternate who becomes the owner leaves their place to the
 * owner until now, so that there are always two.
 * Throws AppError: `conflict` where the ticket is settled or is theirs already, `unprocessable` for nobody of the project
 * or without a reason.
 */
export function transferred(
  ticket: Ownership & { readonly state: string; readonly settled_at: Date | null },
  { to, reason }: { readonly to: Ref; readonly reason: string },
  { people, teams }: Pick<Project, 'people' | 'teams'>,
): Ownership {
  const known = [
    ...[...people.keys()].map((key) => `person:${key}`),
    ...[...teams.keys()].map((key) => `team:${key}`),
  ];
  if (!known.includes(to)) {
    const meant = suggest(to, known);
    throw new AppError('unprocessable', `${to} is not in this project`, {
      help: meant === null ? `There are ${known.join(', ')}` : `Did you mean ${meant}?`,
    });
  }
  if (reason.trim() === '') {
    throw new AppError('unprocessable', 'A transfer needs a reason', { help: 'Say why, for who gets it' });
  }
  if (ticket.settled_at !== null) {
    throw new AppError('conflict', `The ticket is ${ticket.state}: nobody answers for it any more`);
  }
  if (to === ticket.owner) throw new AppError('conflict', `${to} is its owner already`);
  return { owner: to, alternate: to === ticket.alternate ? ticket.owner : ticket.alternate };
}
