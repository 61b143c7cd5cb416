import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Fastify from 'fastify';
import { pino } from 'pino';
import { problemHandlers } from '../../src/api/problem.ts';
import { openDatabase } from '../../src/db/open.ts';
import type { Trigger } from '../../src/decision.ts';
import { detectors } from '../../src/detection/detectors/worker.ts';
import { sweepDrift } from '../../src/detection/drift/worker.ts';
import { createReconciler } from '../../src/detection/reconciliation/worker.ts';
import { sweepDetection } from '../../src/detection/round/worker.ts';
import { sweepExceptions } from '../../src/exceptions/worker.ts';
import { advanceHandoff, type HandoffShell } from '../../src/handoff/worker.ts';
import { intakeRoutes, intakeServerOptions } from '../../src/intake/http.ts';
import { rehearse } from '../../src/intake/rehearsal/worker.ts';
import { createIntake } from '../../src/intake/worker.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { deployWorkflows } from '../../src/workflow/store.ts';
import { storedWorkflows } from '../../src/workflow/worker.ts';
import { type LeadList, startLeadList } from '../support/lead-list.ts';
import { leadAt } from '../support/reconcile-project.ts';
import { manualClock, testShell } from '../support/shell.ts';
import { startTarget, type Target } from '../support/target.ts';
import { dayProject, promised, withoutPerson } from './day-project.ts';
import { type Day, dayText, type Planted, reportOf } from './day-report.ts';
import { seeded } from './random.ts';

/**
 * A day of two sources. Some webhooks are dropped at the source, some late, some sent twice; the target stores some
 * records without a field and loses a field of others after their confirmation; one source goes silent, one owner leaves,
 * a ticket goes back and forth, another lies still. Webhooks come over HTTP through the door of production; lists and
 * target are real HTTP servers; the clock is moved by hand. All of it is found, named, within the time that is promised.
 *
 *     node test/simulation/day.ts [--hours 24] [--seed N] [--rate 60] [--part 0.01] [--step 10] [--json]
 *
 * `--rate`: triggers an hour of each source. `--part`: of them, those that go wrong in each of the three ways. `--step`:
 * minutes between two looks; production looks each second, so what is promised here is a step more.
 */

const minuteMs = 60_000;

export interface DayOptions {
  readonly db: HandoffShell['db'];
  readonly seed: number;
  readonly hours: number;
  readonly stepMinutes: number;
  readonly perHour: number;
  /** Of webhooks that are dropped, of records stored partially, and of records that lose a field later. */
  readonly part: number;
  readonly say?: (line: string) => void;
}

export async function simulateDay(options: DayOptions): Promise<Day> {
  const [target, form, shop] = [await startTarget(), await startLeadList(), await startLeadList()];
  const day = new SimulatedDay(options, target, { form, shop });
  try {
    await day.start();
    return await day.run();
  } finally {
    await day.stop();
    for (const each of [target, form, shop]) await each.close();
  }
}

type SourceKey = 'form' | 'shop';
const sources: readonly SourceKey[] = ['form', 'shop'];

/** How many webhooks are a step late, and how many come twice. */
const late = 0.05;
const twice = 0.03;
const start = new Date('2026-03-02T06:00:00.000Z');

class SimulatedDay {
  private readonly options: DayOptions;
  private readonly target: Target;
  private readonly lists: Readonly<Record<SourceKey, LeadList>>;
  private readonly clock = manualClock(start);
  private readonly random: () => number;
  private project;
  private readonly shell: HandoffShell;
  private readonly intake;
  private readonly reconciler;
  private readonly server = Fastify(intakeServerOptions);
  private address = '';
  private sent = 0;
  private delayed: { readonly source: SourceKey; readonly body: unknown }[] = [];
  private readonly dropped: Planted[] = [];
  private readonly partial: Planted[] = [];
  private readonly changed: Planted[] = [];
  private readonly repaired = new Set<string>();

  constructor(options: DayOptions, target: Target, lists: Readonly<Record<SourceKey, LeadList>>) {
    this.options = options;
    this.target = target;
    this.lists = lists;
    this.random = seeded(options.seed).next;
    const addresses = { target: target.url, form: lists.form.url, shop: lists.shop.url };
    this.project = dayProject(addresses, options.stepMinutes);
    this.shell = {
      ...testShell(options.db, { clock: this.clock, project: () => this.project }),
      workflowAt: storedWorkflows(options.db),
      secrets: (ref) => ['env' in ref && ref.env === 'LIST_TOKEN' ? 'list-token' : ''],
    };
    this.intake = createIntake(this.shell);
    this.reconciler = createReconciler(this.shell, this.intake.submit);
  }

  async start(): Promise<void> {
    await deployWorkflows(this.options.db, this.project, 'test', this.clock.now());
    problemHandlers(this.server);
    const door = { receive: this.intake.receive, rehearse: (whole: Trigger) => rehearse(this.shell, whole) };
    await this.server.register(intakeRoutes, { shell: this.shell, ...door });
    await this.server.listen({ port: 0, host: '127.0.0.1' });
    this.address = `http://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await this.reconciler.stop();
    await this.server.close();
    await this.intake.stop();
  }

  async run(): Promise<Day> {
    const { hours, stepMinutes, seed, say = () => {} } = this.options;
    const at = (part: number) => plusMs(start, hours * 60 * minuteMs * part);
    const [silentAt, stuckAt, goneAt, thrashAt, end] = [at(0.25), at(0.3), at(0.4), at(0.5), at(1)];
    // Traffic goes on until what was planted last has had its time.
    const over = plusMs(end, (promised.readAgain + 120 + 3 * stepMinutes) * minuteMs);
    const once = new Map<string, Date>();
    const happens = (what: string, from: Date) => {
      if (this.clock.now() < from || once.has(what)) return false;
      once.set(what, this.clock.now());
      return true;
    };
    for (let step = 0; this.clock.now() < over; step += 1) {
      const now = this.clock.now();
      const plants = now < end;
      await this.deliverDelayed();
      for (const source of sources) {
        if (source === 'form' && now >= silentAt) {
          happens('silent', silentAt);
          continue;
        }
        await this.speak(source, `${source}-${step}`, plants);
      }
      if (happens('stuck', stuckAt)) await this.layStill();
      if (happens('gone', goneAt)) this.project = withoutPerson(this.project, 'lena');
      for (const [index, type] of ['web', 'brand', 'web'].entries()) {
        if (happens(`thrash ${index}`, plusMs(thrashAt, index * stepMinutes * minuteMs))) {
          const lead = leadAt('back-and-forth', thrashAt, { budget: 60_000, project_type: type });
          if (index === 0) this.lists.shop.leads.push(lead);
          else this.lists.shop.leads[this.indexOf('back-and-forth')] = lead;
          await this.post('shop', lead);
          break;
        }
      }
      if (plants) await this.loseFields();
      await this.repairTold();
      for (let look = 0; look < 2; look += 1) {
        await this.look(plants);
        this.clock.advance(minuteMs / 2);
      }
      this.clock.advance((stepMinutes - 1) * minuteMs);
      if (step % Math.ceil(240 / stepMinutes) === 0) say(`${now.toISOString()}: ${this.sent} webhooks`);
    }
    return await this.report(seed, hours, once);
  }

  private indexOf(id: string): number {
    return this.lists.shop.leads.findIndex(({ lead_id }) => lead_id === id);
  }

  /** What a source makes in a step: each is in its list, and its webhook comes, or comes late, or twice, or never. */
  private async speak(source: SourceKey, name: string, plants: boolean): Promise<void> {
    const { perHour, part } = this.options;
    const count = poisson(this.random, (perHour * this.options.stepMinutes) / 60);
    for (let index = 0; index < count; index += 1) {
      const id = `${name}-${index}`;
      const lead = leadAt(id, this.clock.now());
      this.lists[source].leads.push(lead);
      if (plants && this.random() < part) {
        const withinMs = this.within(promised.compared + this.options.stepMinutes);
        this.dropped.push({ what: 'dropped at the source', about: id, from: this.clock.now(), withinMs });
      } else if (this.random() < late) this.delayed.push({ source, body: lead });
      else {
        await this.post(source, lead);
        if (this.random() < twice) this.delayed.push({ source, body: lead });
      }
    }
  }

  private async deliverDelayed(): Promise<void> {
    for (const { source, body } of this.delayed.splice(0)) await this.post(source, body);
  }

  private async post(source: SourceKey, body: unknown): Promise<string> {
    this.sent += 1;
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${this.address}/in/${source}`, init);
    const answer = (await response.json()) as { readonly ticket?: string };
    if (response.status !== 202 && response.status !== 200) throw new Error(JSON.stringify(answer));
    return answer.ticket ?? '';
  }

  /** A ticket whose handoff nobody will take up. */
  private async layStill(): Promise<void> {
    const lead = leadAt('stuck', this.clock.now(), { budget: 9_000 });
    this.lists.shop.leads.push(lead);
    const ticket = await this.post('shop', lead);
    const never = plusMs(this.clock.now(), 10 * 86_400_000);
    await this.options.db
      .updateTable('handoff')
      .set({ due_at: never })
      .where('ticket_id', '=', ticket)
      .execute();
  }

  /** Everything that a node does, at this moment. */
  private async look(plants: boolean): Promise<void> {
    await this.handOff(plants);
    await sweepExceptions({ shell: this.shell }, this.clock.now());
    await this.reconciler.sweep(this.clock.now());
    await this.reconciler.settled();
    await sweepDrift(this.shell, this.clock.now());
    await sweepDetection(this.shell, detectors, this.clock.now());
  }

  private async handOff(plants: boolean): Promise<void> {
    const due = await this.options.db
      .selectFrom('handoff')
      .select(['ticket_id', 'seq', 'state'])
      .where('due_at', '<=', this.clock.now())
      .execute();
    for (const { ticket_id: ticket, seq, state } of due) {
      if (state === 'awaiting_approval') continue;
      const lies = plants && state === 'ready' && this.random() < this.options.part;
      if (lies) {
        const withinMs = this.within(promised.confirmed);
        this.partial.push({ what: 'stored partially', about: ticket, from: this.clock.now(), withinMs });
      }
      this.target.behave(lies ? 'drop_field' : 'ok');
      await advanceHandoff(this.shell, ticket, seq);
    }
  }

  /** The target loses a field of records that were confirmed in the last step. */
  private async loseFields(): Promise<void> {
    const since = plusMs(this.clock.now(), -this.options.stepMinutes * minuteMs);
    const confirmed = await this.options.db
      .selectFrom('handoff')
      .select(['ticket_id', 'response'])
      .where('state', '=', 'confirmed')
      .where('settled_at', '>=', since)
      .execute();
    for (const { ticket_id: ticket, response } of confirmed) {
      if (this.random() >= this.options.part) continue;
      const record = this.target.records.get(idIn(response)) as Record<string, unknown> | undefined;
      if (record === undefined) throw new Error(`the target has no record of ticket ${ticket}`);
      delete record.type;
      const withinMs = this.within(promised.readAgain);
      this.changed.push({ what: 'changed after its proof', about: ticket, from: this.clock.now(), withinMs });
    }
  }

  /** A person puts right what was told of a record that has changed: there is room for a few of them only. */
  private async repairTold(): Promise<void> {
    const told = await this.options.db
      .selectFrom('finding')
      .innerJoin('handoff', 'handoff.ticket_id', 'finding.ticket_id')
      .select(['finding.ticket_id', 'handoff.response'])
      .where('finding.mode', '=', 'sync_stale')
      .where('finding.closed_at', 'is', null)
      .execute();
    for (const { ticket_id: ticket, response } of told) {
      if (this.repaired.has(ticket)) continue;
      this.repaired.add(ticket);
      const record = this.target.records.get(idIn(response)) as Record<string, unknown> | undefined;
      if (record !== undefined) record.type = 'web';
    }
  }

  /** What is promised, and a step: nobody looks between two of them. */
  private within(minutes: number): number {
    return (minutes + this.options.stepMinutes + 1) * minuteMs;
  }

  private async report(seed: number, hours: number, once: ReadonlyMap<string, Date>): Promise<Day> {
    const planted = (what: string, about: string, event: string, minutes: number): Planted[] => {
      const from = once.get(event);
      return from === undefined ? [] : [{ what, about, from, withinMs: this.within(minutes) }];
    };
    const third = this.partial[2];
    const findings = [
      ...planted('a source silent', 'source_silent/form', 'silent', promised.silent),
      ...planted('an owner gone', 'ownership_lapse/person:lena', 'gone', 0),
      ...planted('a ticket back and forth', 'routing_thrash/', 'thrash 2', 0),
      ...planted('a ticket stuck', 'stuck/', 'stuck', promised.stuck),
      ...(third === undefined
        ? []
        : [
            {
              what: 'one field again and again',
              about: 'sync_stale/field/tool/type',
              from: third.from,
              withinMs: third.withinMs,
            },
          ]),
    ];
    const { dropped, partial, changed } = this;
    const day = { seed, hours, triggers: this.sent };
    return await reportOf(this.shell, { findings, dropped, partial, changed }, day);
  }
}

function idIn(response: unknown): string {
  return String((response as { readonly id?: unknown } | null)?.id ?? '');
}

/** Knuth's: how many come where `mean` are expected. */
function poisson(random: () => number, mean: number): number {
  let [count, product] = [0, random()];
  for (; product > Math.exp(-mean); product *= random()) count += 1;
  return count;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      hours: { type: 'string', default: '24' },
      seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
      rate: { type: 'string', default: '60' },
      part: { type: 'string', default: '0.01' },
      step: { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-day-'));
  const log = pino({ level: 'error' }, pino.destination(2));
  const database = await openDatabase({ dataFolder: folder, log, now: start });
  const day = await simulateDay({
    db: database.db,
    seed: Number(values.seed),
    hours: Number(values.hours),
    perHour: Number(values.rate),
    part: Number(values.part),
    stepMinutes: Number(values.step),
    say: (line) => console.error(line),
  });
  await database.close();
  await rm(folder, { recursive: true, force: true });
  console.log(values.json ? JSON.stringify(day, null, 2) : dayText(day));
  process.exitCode = day.missed.length + day.falseAlarms.length === 0 ? 0 : 1;
}
