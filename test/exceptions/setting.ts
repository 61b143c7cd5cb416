import { entriesOf } from '../../src/audit/store.ts';
import type { ExceptionPolicy, FailureMode } from '../../src/exceptions/exception.ts';
import { draftException, type Opening } from '../../src/exceptions/open.ts';
import { findException } from '../../src/exceptions/store.ts';
import type { Effects, ExceptionDeps } from '../../src/exceptions/worker.ts';
import { testDatabase } from '../support/database.ts';
import { openedAt } from '../support/exception.ts';
import { manualClock, projectOf, testShell } from '../support/shell.ts';
import { insertFailedHandoff, insertTicket, openOn } from '../support/ticket.ts';

/** The policy of these tests: taken in 15 minutes, settled in a day, a claim of an hour. */
export const policy: ExceptionPolicy = {
  owner: 'team:triage',
  alternate: 'person:dana',
  ttlMs: 900_000,
  resolveWithinMs: 86_400_000,
  claimLeaseMs: 3_600_000,
  escalate: ['person:coo'],
  rootCauses: ['human-error', 'mapping-wrong'],
  on: {},
};

export const everybody = projectOf(
  { ann: 'ann@example.com', dana: 'dana@example.com', coo: 'coo@example.com' },
  { triage: ['ann'], growth: ['dana'], web: ['ann'] },
);

/** A database with a clock moved by hand, and what exceptions are worked with. `close` at the end. */
export async function setting() {
  const database = await testDatabase();
  const clock = manualClock(openedAt);
  let project = everybody;
  const shell = testShell(database.db, { clock, project: () => project });
  const { effects, calls } = recordingEffects();
  const deps: ExceptionDeps = { shell, effects };
  const { db } = database;
  return {
    ...database,
    clock,
    shell,
    deps,
    /** Names of the effects asked for, with their arguments. */
    calls,
    setProject: (changed: typeof everybody) => {
      project = changed;
    },
    /** A ticket with one open exception. */
    async stopped(mode: FailureMode = 'contract_violation', opening: Partial<Opening> = {}) {
      const ticket = await insertTicket(db, { now: clock.now(), state: 'exception' });
      if (opening.handoffSeq) await insertFailedHandoff(db, ticket.id, opening.handoffSeq, clock.now());
      const draft = draftException(policy, mode, { summary: 'It went wrong', detail: {}, ...opening });
      return { ticketId: ticket.id, seq: await openOn(db, ticket, draft, clock.now()) };
    },
    async row(key: { ticketId: string; seq: number }) {
      const found = await findException(db, key);
      if (found === null) throw new Error('no such exception');
      return found;
    },
    /** The kinds of a ticket's entries, in their order. */
    kinds: async (ticketId: string) => (await entriesOf(db, ticketId)).map(({ kind }) => kind),
  };
}

/** Effects that change nothing themselves: what they do is the business of handoffs and of the decision. */
function recordingEffects() {
  const calls: [name: string, ...unknown[]][] = [];
  const effects: Effects = {
    redecide: async (_tx, ticket, options) => {
      calls.push(['redecide', options]);
      return ticket;
    },
    retryHandoff: async (_tx, ticket, handoffSeq, actor) => {
      calls.push(['retryHandoff', handoffSeq, actor]);
      return ticket;
    },
    confirmHandoff: async (_tx, ticket, handoffSeq, evidence, actor) => {
      calls.push(['confirmHandoff', handoffSeq, evidence, actor]);
      return ticket;
    },
    cancelHandoffs: async (_tx, ticket, reason, actor) => {
      calls.push(['cancelHandoffs', reason, actor]);
      return ticket;
    },
  };
  return { calls, effects };
}
