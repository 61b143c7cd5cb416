import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from './db/schema.ts';
import type { Clock } from './platform/clock.ts';
import type { Project, SecretRef } from './workflow/project.ts';

/** What every shell is given by `app.ts`. Nothing of the work itself is held here: any number of nodes share one database. */
export interface Shell {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Says, after a commit, that handoffs may be due. For speed only: they are found by their rows. */
  wake(): void;
  /** The project in force; a reload replaces it. */
  project(): Project;
  /** The values of a secret: several while it rotates (one a line in a file). Throws AppError('invalid_project') where it is unset. */
  secrets(ref: SecretRef): readonly string[];
  /** What addresses that prove themselves are made of. */
  readonly links: Links;
}

export interface Links {
  /** What they are signed with: the first signs, all are believed. */
  keys(): readonly string[];
  /** Where people and targets reach this server: `https://signalbox.example.com`. */
  base(): string;
}
