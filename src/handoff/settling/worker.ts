import { Batch } from '../../db/rows.ts';
import type { Db } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import { insertOutcomes } from '../../outcome/store.ts';
import { changed } from '../../platform/changed.ts';
import { changeTickets } from '../../ticket/store.ts';
import { type Found, findNamed } from '../claiming/store.ts';
import { leaseUntil } from '../lease/worker.ts';
import { closeAttempts, moveHandoffs, nameOfRow } from '../store.ts';
import type { HandoffShell } from '../worker.ts';
import { type Move, moveOf, type Worked } from './move.ts';

export type Settled =
  /** Nothing more to do now. */
  | { readonly kind: 'done' }
  /** Somebody must look closer than a group can: it has failed, or has moved meanwhile. Nothing was written. */
  | { readonly kind: 'closer' }
  /** Accepted, and a look at its outcome is under way: `row` has its lease. */
  | ({ readonly kind: 'looks' } & Found);

/**
 * Writes what came of the work on many handoffs with one commit: the accepted, the proved, and those that are tried again.
 * The rest is left to be settled one by one. Nothing is locked in between: a ticket that has changed since it was read is read
 * again, and where its handoff is still as it was claimed, the same is written behind what came first. At most one of a ticket.
 */
export async function settleGroup(
  shell: Pick<HandoffShell, 'clock'>,
  db: Db,
  group: readonly Worked[],
): Promise<Settled[]> {
  const settled = new Map<string, Settled>();
  let left = group;
  for (let round = 0; left.length > 0 && round < limits.settleRounds; round += 1) {
    if (round > 0) left = await readAgain(db, left);
    left = await settleOnce(shell, db, left, settled);
  }
  return group.map(({ row }) => settled.get(nameOfRow(row)) ?? { kind: 'closer' });
}

/** Returns what had moved. */
async function settleOnce(
  shell: Pick<HandoffShell, 'clock'>,
  db: Db,
  group: readonly Worked[],
  settled: Map<string, Settled>,
): Promise<Worked[]> {
  const now = shell.clock.now();
  const lease = leaseUntil(shell);
  const moves = group.flatMap((worked) => {
    const move = moveOf(worked, now, lease);
    return move === null ? [] : [{ ...worked, move }];
  });
  const batch = new Batch();
  const becoming = (from: 'attempting' | 'confirming', probes: 0 | 1) =>
    moves.flatMap(({ row, move }) => (row.state === from && move.probes === probes ? [move.becomes] : []));
  moveHandoffs(batch, { from: 'attempting', probes: 1 }, becoming('attempting', 1));
  moveHandoffs(batch, { from: 'attempting' }, becoming('attempting', 0));
  moveHandoffs(batch, { from: 'confirming' }, becoming('confirming', 0));
  const attempts = moves.flatMap(({ row, attempt }) =>
    attempt === null ? [] : [{ row, outcome: attempt.outcome }],
  );
  await closeAttempts(batch, attempts, now);
  const proofs = moves.flatMap(({ row, move: { proof } }) =>
    proof === null ? [] : [{ handoff: row, outcome: proof }],
  );
  await insertOutcomes(batch, proofs, now);
  const changes = moves.map(({ ticket, move: { entries, state } }) => ({ ticket, entries, state }));
  const heads = await changeTickets(batch, changes, now);
  const read = moves.map(({ ticket }) => ({ id: ticket.id, headSeq: ticket.head_seq }));
  const written = await batch.writeUnmoved(db, read);
  const moved: Worked[] = [];
  for (const each of moves) {
    const head = heads.get(each.ticket.id);
    if (head === undefined || !written.has(each.ticket.id)) {
      moved.push(each);
      continue;
    }
    changed({ ticketId: head.id, headSeq: head.head_seq });
    settled.set(nameOfRow(each.row), settledAs(each, { ...each.ticket, ...head }));
  }
  return moved;
}

function settledAs({ attempt, move }: Worked & { move: Move }, ticket: Found['ticket']): Settled {
  if (!move.looks) return { kind: 'done' };
  return { kind: 'looks', row: { ...move.becomes, response: attempt?.outcome.body ?? null }, ticket };
}

/** Those whose handoffs still stand as they were claimed, with their tickets as they are now. */
async function readAgain(db: Db, group: readonly Worked[]): Promise<Worked[]> {
  const names = group.map(({ row }) => ({ ticketId: row.ticket_id, handoffSeq: row.seq }));
  const found = new Map((await findNamed(db, names)).map((each) => [nameOfRow(each.row), each]));
  return group.flatMap((worked) => {
    const now = found.get(nameOfRow(worked.row));
    const isSame =
      now !== undefined &&
      (['state', 'attempts', 'probes'] as const).every((part) => now.row[part] === worked.row[part]);
    return isSame ? [{ ...worked, ticket: now.ticket }] : [];
  });
}
