import type { Selectable } from 'kysely';
import type { Db, DestinationActTable, DestinationTable } from '../../db/schema.ts';
import { changed } from '../../platform/changed.ts';
import type { Circuit } from './circuit.ts';

/** A circuit as it is stored: `version` counts its changes. */
export interface StoredCircuit {
  readonly circuit: Circuit;
  readonly version: number;
}

/** The circuits of all destinations that ever had one. */
export async function readCircuits(db: Db): Promise<Map<string, StoredCircuit>> {
  const rows = await db.selectFrom('destination').selectAll().execute();
  return new Map(rows.map((row) => [row.key, storedOf(row)]));
}

export async function readCircuit(db: Db, key: string): Promise<StoredCircuit | null> {
  const row = await db.selectFrom('destination').selectAll().where('key', '=', key).executeTakeFirst();
  return row === undefined ? null : storedOf(row);
}

export type Act = Pick<DestinationActTable, 'act' | 'actor' | 'reason'>;

/**
 * Writes a circuit that was decided on `before` (0: there was none), with the act that it is, if it is one. False: another
 * node, or a person, has changed it since, and nothing was written.
 */
export async function writeCircuit(
  db: Db,
  key: string,
  before: number,
  circuit: Circuit,
  act: Act | null,
  now: Date,
): Promise<boolean> {
  const row = {
    state: circuit.state,
    reason: circuit.reason,
    since: circuit.since,
    probe_at: circuit.probeAt,
    probes: circuit.probes,
    held_until: circuit.heldUntil,
    paused_by: circuit.pausedBy,
    version: before + 1,
  };
  const written = await db.transaction().execute(async (tx) => {
    const { numInsertedOrUpdatedRows = 0n } = await tx
      .insertInto('destination')
      .values({ key, ...row })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet(row).where('destination.version', '=', before),
      )
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 0n) return false;
    if (act !== null)
      await tx
        .insertInto('destination_act')
        .values({ destination: key, at: now, ...act })
        .execute();
    return true;
  });
  if (written && act !== null) changed({ destination: key, state: circuit.state });
  return written;
}

/** What was done to a destination, latest first. */
export async function actsOn(
  db: Db,
  key: string,
  rowsMax: number,
): Promise<Selectable<DestinationActTable>[]> {
  const query = db.selectFrom('destination_act').selectAll().where('destination', '=', key);
  return await query.orderBy('id', 'desc').limit(rowsMax).execute();
}

function storedOf(row: Selectable<DestinationTable>): StoredCircuit {
  return {
    circuit: {
      state: row.state,
      reason: row.reason,
      since: row.since,
      probeAt: row.probe_at,
      probes: row.probes,
      heldUntil: row.held_until,
      pausedBy: row.paused_by,
    },
    version: row.version,
  };
}
