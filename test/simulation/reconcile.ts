import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { openDatabase } from '../../src/db/open.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { leadAt } from '../support/reconcile-project.ts';
import { type ReconcilingNodes, reconcilingNodes } from '../support/reconciling-nodes.ts';
import { type Random, seeded } from './random.ts';

/**
 * A day of leads whose form drops some of their webhooks, sends others late or twice, changes leads with and without
 * saying so, and whose list moves while it is read and fails now and then. On a real database and over real HTTP; the
 * clock is moved by hand. Every drop is found and taken within the time it promises, no ticket is made twice, and what was
 * only late is no finding.
 *
 *     node test/simulation/reconcile.ts [--leads 20000] [--hours 24] [--seed N]
 */

export interface ReconcileReport {
  readonly seed: number;
  readonly leads: number;
  readonly dropped: number;
  /** Dropped ones of which a ticket was made. */
  readonly found: number;
  /** From the making of a lead to its ticket, the longest. */
  readonly foundWithinMinutes: number;
  readonly promisedMinutes: number;
  /** Changes that no webhook told of, and those that are in their tickets. */
  readonly silentChanges: number;
  readonly changesTaken: number;
  readonly tickets: number;
  /** What came by itself and was taken for missing. */
  readonly falseAlarms: number;
  /** Findings that told of drops, and those still open at the end. */
  readonly told: number;
  readonly toldOpen: number;
  /** How often the list was asked, and how often it failed. */
  readonly asked: number;
  readonly failed: number;
  readonly findings: readonly string[];
}

const minuteMs = 60_000;
const everyMinutes = 60;
const settleMinutes = 10;
/** A list that fails is asked again within it, however often it has. */
const backoffMinutes = 6;
const dropped = 0.01;
const twice = 0.03;
const changed = 0.03;
const changedSilently = 0.01;
const failing = 0.02;

/** Leads come in their newest form; `lookback` holds the whole day. */
const setting = {
  required: ['version'],
  duplicates: '{ within: 30d, other_content: newest, version: payload.version }',
  list: `      every: ${everyMinutes}m
      lookback: 2d
      settle: ${settleMinutes}m
      from: lead-list
      operation: GET /leads
      with: { created_after: window.from, limit: 500 }
      triggers: response.data
      at: element.created_at
      next_page: { when: has(response.next), with: { page_token: response.next } }`,
};

/** Under what the check asks for: a ticket that waits for a person still takes newer content, one that is done does not. */
function budgetOf(version: number): number {
  return 100 + version;
}

interface Delivery {
  readonly at: number;
  readonly body: unknown;
}

export async function reconcileDay(options: {
  readonly leads: number;
  readonly hours: number;
  readonly seed: number;
  readonly nodes: ReconcilingNodes;
  readonly say?: (line: string) => void;
}): Promise<ReconcileReport> {
  const { leads, hours, seed, nodes, say = () => {} } = options;
  const random = seeded(seed);
  const { reconciler } = nodes.start();
  const day = new Day(nodes, random);
  const minutes = hours * 60;
  // After the last lead, as long as what differs may take to be taken: it is seen so twice, `settle` apart.
  const all = minutes + 2 * (everyMinutes + backoffMinutes) + settleMinutes + everyMinutes;
  for (let minute = 0; minute < all; minute += 1) {
    const upTo = minute < minutes ? Math.round((leads * (minute + 1)) / minutes) : leads;
    while (day.made < upTo) day.makeLead();
    if (minute < minutes && random.next() < changed) day.changeOne();
    await day.deliver();
    day.misbehave();
    await reconciler.sweep(nodes.clock.now());
    await reconciler.settled();
    nodes.clock.advance(minuteMs);
    if (minute % 60 === 59)
      say(`${(minute + 1) / 60} h: ${day.made} leads, ${nodes.list.asked.length} pages`);
  }
  return await day.report(seed);
}

/** What the form and its list do. */
class Day {
  made = 0;
  private readonly nodes: ReconcilingNodes;
  private readonly random: Random;
  private readonly droppedAt = new Map<string, number>();
  private readonly silent = new Map<string, number>();
  private deliveries: Delivery[] = [];
  private failed = 0;

  constructor(nodes: ReconcilingNodes, random: Random) {
    this.nodes = nodes;
    this.random = random;
  }

  private now(): number {
    return this.nodes.clock.now().getTime();
  }

  makeLead(): void {
    const id = `lead-${this.made}`;
    const lead = leadAt(id, plusMs(this.nodes.clock.now(), 0), { version: 1, budget: budgetOf(1) });
    this.nodes.list.leads.push(lead);
    this.made += 1;
    if (this.random.next() < dropped) this.droppedAt.set(id, this.now());
    else this.send(lead);
  }

  /** On its way for up to `settle`, most of them a moment; some come twice. */
  private send(body: unknown): void {
    const delay = this.random.next() < 0.9 ? 0 : this.random.between(0, settleMinutes) * minuteMs;
    this.deliveries.push({ at: this.now() + delay, body });
    if (this.random.next() < twice) this.deliveries.push({ at: this.now() + delay + minuteMs, body });
  }

  /** A lead that came is changed at the source; some of those changes are told by no webhook. */
  changeOne(): void {
    const { leads } = this.nodes.list;
    const index = this.random.between(0, leads.length - 1);
    const lead = leads[index];
    if (lead === undefined || this.droppedAt.has(lead.lead_id)) return;
    const version = Number(lead.version) + 1;
    const next = { ...lead, version, budget: budgetOf(version) };
    leads[index] = next;
    if (this.random.next() < changedSilently / changed) this.silent.set(lead.lead_id, version);
    else {
      this.silent.delete(lead.lead_id);
      this.send(next);
    }
  }

  async deliver(): Promise<void> {
    const due = this.deliveries.filter(({ at }) => at <= this.now());
    this.deliveries = this.deliveries.filter(({ at }) => at > this.now());
    await Promise.all(due.map(({ body }) => this.nodes.send(body)));
  }

  /** From now and then to a page between others. */
  misbehave(): void {
    this.nodes.list.before(() => {
      const fails = this.random.next() < failing;
      if (fails) this.failed += 1;
      this.nodes.list.behave(
        fails ? this.random.pick(['fail', 'too_many', 'reset', 'not_json'] as const) : 'moving',
      );
    });
  }

  /** Tickets made of drops that neither a finding nor the record of its ticket names. */
  private async untold(): Promise<string[]> {
    const { db } = this.nodes.database;
    const details = await db
      .selectFrom('exception')
      .select('detail')
      .where('mode', '=', 'silent_drop')
      .execute();
    const entries = await db.selectFrom('entry').select('data').where('kind', '=', 'found').execute();
    const named = JSON.stringify([details, entries]);
    const query = db.selectFrom('entry').select('ticket_id').where('seq', '=', 1);
    const made = await query.where('actor', '=', 'reconciliation').execute();
    return made.map((row) => row.ticket_id).filter((ticket) => !named.includes(ticket));
  }

  async report(seed: number): Promise<ReconcileReport> {
    const { db } = this.nodes.database;
    const rows = await db
      .selectFrom('ticket')
      .innerJoin('entry', 'entry.ticket_id', 'ticket.id')
      .select(['ticket.id', 'identity', 'fields', 'received_at', 'actor'])
      .where('entry.seq', '=', 1)
      .where('source', '=', 'form')
      .execute();
    const told = await db.selectFrom('finding').selectAll().where('mode', '=', 'silent_drop').execute();
    const toldOpen = told.filter(({ closed_at: at }) => at === null).length;
    const findings: string[] = [];
    const byIdentity = Map.groupBy(rows, ({ identity }) => identity);
    for (const [identity, all] of byIdentity) {
      if (all.length > 1) findings.push(`${identity} has ${all.length} tickets`);
    }
    for (const { lead_id: id } of this.nodes.list.leads) {
      if (!byIdentity.has(id)) findings.push(`${id} has no ticket`);
    }
    const taken = rows.filter(({ actor }) => actor === 'reconciliation');
    const falseAlarms = taken.filter(({ identity }) => !this.droppedAt.has(identity));
    for (const { identity } of falseAlarms) findings.push(`${identity} came, and was taken for missing`);
    const waits = taken.map(
      ({ identity, received_at: at }) => at.getTime() - (this.droppedAt.get(identity) ?? 0),
    );
    const longest = Math.max(0, ...waits) / minuteMs;
    const promised = everyMinutes + settleMinutes + backoffMinutes;
    if (longest > promised)
      findings.push(`a drop was found after ${longest} minutes, promised are ${promised}`);
    const isTaken = ([id, version]: [string, number]) =>
      byIdentity
        .get(id)
        ?.some(({ fields }) => (fields as { budget: number }).budget === budgetOf(version)) === true;
    if (toldOpen > 0) findings.push(`${toldOpen} findings are open though nothing is missing any more`);
    for (const ticket of await this.untold()) findings.push(`no finding names ticket ${ticket}`);
    const untaken = [...this.silent].filter((each) => !isTaken(each));
    for (const [id] of untaken)
      findings.push(`${id} was changed at the source, and its ticket does not know`);
    return {
      seed,
      leads: this.made,
      dropped: this.droppedAt.size,
      found: taken.length - falseAlarms.length,
      foundWithinMinutes: longest,
      promisedMinutes: promised,
      silentChanges: this.silent.size,
      changesTaken: this.silent.size - untaken.length,
      tickets: rows.length,
      falseAlarms: falseAlarms.length,
      told: told.length,
      toldOpen,
      asked: this.nodes.list.asked.length,
      failed: this.failed,
      findings,
    };
  }
}

export async function simulatedNodes(
  database?: Parameters<typeof reconcilingNodes>[1],
): Promise<ReconcilingNodes> {
  return await reconcilingNodes(setting, database);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { leads: { type: 'string' }, hours: { type: 'string' }, seed: { type: 'string' } },
  });
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-reconcile-'));
  const log = pino({ level: 'warn' });
  const nodes = await simulatedNodes(await openDatabase({ dataFolder: folder, log, now: new Date() }));
  const report = await reconcileDay({
    leads: Number(values.leads ?? 20_000),
    hours: Number(values.hours ?? 24),
    seed: Number(values.seed ?? Date.now() % 1_000_000),
    nodes,
    say: console.log,
  });
  await nodes.close();
  await rm(folder, { recursive: true, force: true });
  console.log(JSON.stringify(report, null, 2));
  process.exitCode = report.findings.length === 0 ? 0 : 1;
}
