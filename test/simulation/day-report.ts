import type { HandoffShell } from '../../src/handoff/worker.ts';

/** Something that went wrong in the day, and within what time it is promised to be found. */
export interface Planted {
  readonly what: string;
  /** What it is about: the beginning of the finding's key, or the ticket, or the identity. */
  readonly about: string;
  readonly from: Date;
  readonly withinMs: number;
}

export interface Found extends Planted {
  /** Null: it was not found. */
  readonly afterMs: number | null;
  /** By what: a finding's key, or the failure mode of the exception on the ticket. */
  readonly by: string | null;
}

/** All of one kind. */
export interface Row {
  readonly what: string;
  readonly planted: number;
  readonly found: number;
  readonly late: number;
  readonly longestMinutes: number;
  readonly promisedMinutes: number;
}

export interface Day {
  readonly seed: number;
  readonly hours: number;
  readonly triggers: number;
  readonly tickets: number;
  readonly rows: readonly Row[];
  /** Planted and not found, or not in time, each in a sentence. */
  readonly missed: readonly string[];
  /** What was told and nothing gave a reason for, each in a sentence. */
  readonly falseAlarms: readonly string[];
}

export interface Sought {
  /** Findings, by the beginnings of their keys. */
  readonly findings: readonly Planted[];
  /** Dropped at the source, by identity. */
  readonly dropped: readonly Planted[];
  /** Stored without a field, by ticket. */
  readonly partial: readonly Planted[];
  /** Changed in the target after its confirmation, by ticket. */
  readonly changed: readonly Planted[];
}

/** Holds what was planted against what the record says was found, and the other way round. */
export async function reportOf(
  { db }: Pick<HandoffShell, 'db'>,
  sought: Sought,
  day: Pick<Day, 'seed' | 'hours' | 'triggers'>,
): Promise<Day> {
  const told = await db.selectFrom('finding').selectAll().orderBy('id').execute();
  const contradicted = await db
    .selectFrom('exception')
    .select(['ticket_id', 'opened_at', 'detail'])
    .where('mode', '=', 'contradicted')
    .execute();
  const taken = await takenOf(db);
  const fromKey = (one: Planted) =>
    told.find(({ key, opened_at }) => key.startsWith(one.about) && opened_at >= one.from);
  const found: Found[] = [
    ...sought.findings.map((one) => seen(one, fromKey(one)?.opened_at, fromKey(one)?.key)),
    ...sought.dropped.map((one) => {
      const ticket = taken.tickets.get(one.about);
      return seen(one, ticket?.receivedAt, ticket && taken.isNamed(ticket.id) ? 'silent_drop' : undefined);
    }),
    ...sought.partial.map((one) => {
      const exception = contradicted.find(({ ticket_id }) => ticket_id === one.about);
      const named = JSON.stringify(exception?.detail ?? '').includes('type');
      return seen(one, exception?.opened_at, named ? 'contradicted' : undefined);
    }),
    ...sought.changed.map((one) => {
      const finding = told.find(({ key }) => key.startsWith(`sync_stale/${one.about}/`));
      return seen(one, finding?.opened_at, finding?.key);
    }),
  ];
  const partial = new Set(sought.partial.map(({ about }) => about));
  const changed = new Set(sought.changed.map(({ about }) => about));
  const dropped = new Set(sought.dropped.map(({ about }) => about));
  const explained = (key: string) =>
    sought.findings.some(({ about }) => key.startsWith(about)) ||
    (key.startsWith('silent_drop/') && dropped.size > 0) ||
    (key.startsWith('sync_stale/') && changed.has(key.split('/')[1] ?? ''));
  const { tickets } = await db
    .selectFrom('ticket')
    .select(({ fn }) => fn.countAll<number>().as('tickets'))
    .where('source', '<>', 'signalbox')
    .executeTakeFirstOrThrow();
  return {
    ...day,
    tickets: Number(tickets),
    rows: [...Map.groupBy(found, ({ what }) => what)].map(([what, all]) => rowOf(what, all)),
    missed: found.filter((one) => !inTime(one)).map(sentenceOf),
    falseAlarms: [
      ...told.filter(({ key }) => !explained(key)).map(({ key }) => `${key} was told`),
      ...contradicted
        .filter(({ ticket_id }) => !partial.has(ticket_id))
        .map(({ ticket_id }) => `ticket ${ticket_id} is called contradicted`),
      ...[...taken.tickets.keys()]
        .filter((identity) => !dropped.has(identity))
        .map((identity) => `${identity} came, and was taken for missing`),
    ],
  };
}

/** Tickets that reconciliation made, by identity, and whether a finding or the record of its ticket names one. */
async function takenOf(db: HandoffShell['db']) {
  const rows = await db
    .selectFrom('ticket')
    .innerJoin('entry', 'entry.ticket_id', 'ticket.id')
    .select(['ticket.id', 'identity', 'received_at'])
    .where('entry.seq', '=', 1)
    .where('actor', '=', 'reconciliation')
    .execute();
  const details = await db
    .selectFrom('exception')
    .select('detail')
    .where('mode', '=', 'silent_drop')
    .execute();
  const entries = await db.selectFrom('entry').select('data').where('kind', '=', 'found').execute();
  const named = JSON.stringify([details, entries]);
  return {
    tickets: new Map(rows.map(({ id, identity, received_at: receivedAt }) => [identity, { id, receivedAt }])),
    isNamed: (id: string) => named.includes(id),
  };
}

function seen(one: Planted, at: Date | undefined, by: string | undefined): Found {
  if (at === undefined || by === undefined) return { ...one, afterMs: null, by: null };
  return { ...one, afterMs: at.getTime() - one.from.getTime(), by };
}

function inTime({ afterMs, withinMs }: Found): boolean {
  return afterMs !== null && afterMs <= withinMs;
}

function sentenceOf({ what, about, afterMs, withinMs }: Found): string {
  const after = afterMs === null ? 'was not found' : `was found after ${minutes(afterMs)} minutes`;
  return `${what} (${about}) ${after}; promised are ${minutes(withinMs)}`;
}

function rowOf(what: string, all: readonly Found[]): Row {
  const found = all.filter(({ afterMs }) => afterMs !== null);
  return {
    what,
    planted: all.length,
    found: found.length,
    late: found.filter((one) => !inTime(one)).length,
    longestMinutes: minutes(Math.max(0, ...found.map(({ afterMs }) => afterMs ?? 0))),
    promisedMinutes: minutes(Math.max(0, ...all.map(({ withinMs }) => withinMs))),
  };
}

function minutes(ms: number): number {
  return Math.round(ms / 6_000) / 10;
}

/** The day as a table for a person. Pure. */
export function dayText({ seed, hours, triggers, tickets, rows, missed, falseAlarms }: Day): string {
  const cells = [
    ['what', 'planted', 'found', 'late', 'after at most', 'promised'],
    ...rows.map((row) => [
      row.what,
      `${row.planted}`,
      `${row.found}`,
      `${row.late}`,
      `${row.longestMinutes} min`,
      `${row.promisedMinutes} min`,
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [
    `${hours} hours, seed ${seed}: ${triggers} webhooks sent, ${tickets} tickets`,
    ...lines,
    `${missed.length} missed, ${falseAlarms.length} false alarms`,
    ...missed,
    ...falseAlarms,
  ].join('\n');
}
