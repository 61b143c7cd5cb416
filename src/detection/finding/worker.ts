import { insertEntries } from '../../audit/store.ts';
import type { Tx } from '../../db/schema.ts';
import { exceptionOpenedEntry } from '../../exceptions/open.ts';
import { stateExceptionOver } from '../../exceptions/over/worker.ts';
import {
  type ExceptionRow,
  findException,
  insertExceptions,
  lastExceptionSeq,
  openException,
  stateOf,
} from '../../exceptions/store.ts';
import { randomBytes } from '../../platform/random.ts';
import type { Shell } from '../../shell.ts';
import { changeTicket, insertTickets, lockTicket, type TicketRow } from '../../ticket/store.ts';
import { restateTicket } from '../../ticket/worker.ts';
import { exceptionOf, type Finding, isToldAgain, ticketOf } from './finding.ts';
import { endFinding, insertFinding, lockFinding, moveFinding, openFindingOf, type Told } from './store.ts';

type FindingShell = Pick<Shell, 'db'>;

/**
 * Opens a finding as an exception: of the ticket that it is about, or of a ticket of its own. Where one of this key is
 * open already nothing happens, unless a person settled it one resolution SLA ago and it is still so: then it is told
 * again. Any number of nodes may do it at once: the key's unique index decides. Returns whether an exception was opened.
 */
export async function openFinding(shell: FindingShell, finding: Finding, now: Date): Promise<boolean> {
  const known = await openFindingOf(shell.db, finding.key);
  if (known !== null) {
    const told = { ticketId: known.ticket_id, seq: known.exception_seq };
    const exception = await findException(shell.db, told);
    if (exception === null || !toldAgain(exception, finding, now)) return false;
    return await shell.db.transaction().execute((tx) => tellAgain(tx, known.id, finding, now));
  }
  return await shell.db.transaction().execute(async (tx) => {
    const place = await placeOf(tx, finding, now);
    if (place === null || (await insertFinding(tx, finding, place.told, now)) === null) return false;
    await place.write();
    return true;
  });
}

function toldAgain(exception: ExceptionRow, finding: Finding, now: Date): boolean {
  const { resolvedAt, policy } = stateOf(exception);
  return isToldAgain({ resolvedAt, resolveWithinMs: policy.resolveWithinMs }, finding, now);
}

async function tellAgain(tx: Tx, id: number, finding: Finding, now: Date): Promise<boolean> {
  const place = await placeOf(tx, finding, now);
  const row = place && (await lockFinding(tx, id));
  if (!row) return false;
  const told = await findException(tx, { ticketId: row.ticket_id, seq: row.exception_seq });
  if (told === null || !toldAgain(told, finding, now)) return false;
  await place.write();
  await moveFinding(tx, id, place.told);
  return true;
}

/** Where a finding's exception will stand, and what writes it there. Null: there is no such ticket. */
async function placeOf(
  tx: Tx,
  finding: Finding,
  now: Date,
): Promise<{ told: Told; write(): Promise<void> } | null> {
  if (finding.ticketId === null) {
    const { ticket, exception, entries } = ticketOf(finding, now, randomBytes(8));
    return {
      told: { ticketId: ticket.id, exceptionSeq: 1 },
      write: async () => {
        await insertTickets(tx, [ticket], []);
        await insertEntries(tx, entries);
        await insertExceptions(tx, [exception]);
      },
    };
  }
  const locked = await lockTicket(tx, finding.ticketId);
  if (locked === null) return null;
  const seq = (await lastExceptionSeq(tx, locked.id)) + 1;
  return {
    told: { ticketId: locked.id, exceptionSeq: seq },
    write: () => openOn(tx, locked, finding, now),
  };
}

async function openOn(tx: Tx, locked: TicketRow, finding: Finding, now: Date): Promise<void> {
  const row = await openException(tx, locked, exceptionOf(finding), now);
  const ticket = await changeTicket(tx, locked, { entries: [exceptionOpenedEntry(row)] }, now);
  await restateTicket(tx, ticket, now);
}

/**
 * Closes a finding that is over, and resolves its exception as `over` where no person has settled it before; a ticket
 * of its own is then done. `because`: what ended it, one sentence. Returns whether it was open.
 */
export async function closeFinding(
  shell: FindingShell,
  key: string,
  because: string,
  now: Date,
): Promise<boolean> {
  const known = await openFindingOf(shell.db, key);
  if (known === null) return false;
  return await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, known.ticket_id);
    const row = ticket && (await lockFinding(tx, known.id));
    // Told again by another node since it was read: the next round closes that.
    if (!row || row.ticket_id !== ticket.id) return false;
    await stateExceptionOver(tx, ticket, row.exception_seq, because, now);
    await endFinding(tx, row.id, because, now);
    return true;
  });
}
