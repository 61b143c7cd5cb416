import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { Detector } from '../../src/detection/round/worker.ts';
import { sweepDetection } from '../../src/detection/round/worker.ts';
import type { ExceptionPolicy, FailureMode } from '../../src/exceptions/exception.ts';
import { draftException } from '../../src/exceptions/open.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { changeTicket, lockTicket } from '../../src/ticket/store.ts';
import { loadProject } from '../../src/workflow/load.ts';
import type { Project } from '../../src/workflow/project.ts';
import { testDatabase } from './database.ts';
import { projectFiles } from './project.ts';
import { manualClock, testShell } from './shell.ts';
import { insertTicket, openOn } from './ticket.ts';

type Files = Record<string, string>;

export type Watched = Awaited<ReturnType<typeof watching>>;

/** Who has what no workflow is about; findings about one workflow are on its own, team:triage and person:omar. */
export const watcher = { owner: 'team:growth', alternate: 'person:dana', ttl_ms: 1_800_000 } as const;
export const ofWorkflow = { owner: 'team:triage', alternate: 'person:omar', ttl_ms: 900_000 } as const;

/** A project on a database of its own that is looked at by hand, one detector at a time; `close` at the end. */
export async function watching(change: (files: Files) => Files = (files) => files) {
  const database = await testDatabase();
  const { db } = database;
  const clock = manualClock(new Date('2026-03-02T10:20:00.000Z'));
  let project = projectOf(change);
  const shell = testShell(db, { clock, project: () => project });
  return {
    ...database,
    clock,
    shell,
    /** The project's files, changed from what they are without any change. */
    edit(edited: (files: Files) => Files) {
      project = projectOf(edited);
    },
    /** One round of one detector, as if it were due. */
    async look(detector: Detector): Promise<void> {
      await db
        .updateTable('detector')
        .set({ due_at: clock.now() })
        .where('name', '=', detector.name)
        .where('due_at', '>', clock.now())
        .execute();
      await sweepDetection(shell, [detector], clock.now());
    },
    /** Findings whose keys begin so, each with the exception that tells it, the oldest first. */
    async found(key: string) {
      return await db
        .selectFrom('finding')
        .innerJoin('exception', (join) =>
          join
            .onRef('exception.ticket_id', '=', 'finding.ticket_id')
            .onRef('exception.seq', '=', 'finding.exception_seq'),
        )
        .selectAll('exception')
        .select(['finding.key', 'finding.closed_at', 'finding.closed_because'])
        .where('finding.key', 'like', `${key}%`)
        .orderBy('finding.id')
        .execute();
    },
    /** Whether anything with such a key is open. */
    async isOpen(key: string): Promise<boolean> {
      return (await this.found(key)).some(({ closed_at }) => closed_at === null);
    },
    /** A ticket that an exception stopped. */
    async stopped(mode: FailureMode = 'contract_violation', at = clock.now()) {
      const ticket = await insertTicket(db, { now: at, state: 'exception' });
      const draft = draftException(stoppedPolicy, mode, { summary: 'It went wrong', detail: {} });
      return { ticketId: ticket.id, seq: await openOn(db, ticket, draft, at) };
    },
    /** What of a ticket's life matters here: entries, and its state where they change it. */
    async note(
      ticketId: string,
      entries: readonly { readonly kind: string; readonly data?: Readonly<Record<string, unknown>> }[],
      state?: 'done' | 'handoff',
    ): Promise<void> {
      await db.transaction().execute(async (tx) => {
        const locked = await lockTicket(tx, ticketId);
        if (locked === null) throw new Error(`no ticket ${ticketId}`);
        const drafts = entries.map(({ kind, data = {} }) => ({ kind, actor: 'test', data }));
        const change = { entries: drafts, ...(state !== undefined && { state }) };
        await changeTicket(tx, locked, change, clock.now());
      });
    },
    /** So many handoffs of a ticket that are under way. */
    async handoffs(ticketId: string, count: number, given: { attempts?: number; from?: number } = {}) {
      const { attempts = 0, from = 1 } = given;
      const rows = Array.from({ length: count }, (_, index) => ({
        ticket_id: ticketId,
        seq: from + index,
        handoff: 'create-record',
        destination: 'tool',
        plan: '{}',
        idempotency_key: randomBytes(8).toString('hex'),
        state: 'ready' as const,
        attempts,
        give_up_at: plusMs(clock.now(), 86_400_000),
        due_at: plusMs(clock.now(), 3_600_000),
        response: null,
        accepted_at: null,
        confirm_by: null,
        created_at: clock.now(),
        settled_at: null,
      }));
      if (rows.length > 0) await db.insertInto('handoff').values(rows).execute();
    },
  };
}

const stoppedPolicy: ExceptionPolicy = {
  owner: 'team:triage',
  alternate: 'person:dana',
  ttlMs: 900_000,
  resolveWithinMs: 86_400_000,
  claimLeaseMs: 3_600_000,
  escalate: ['person:omar'],
  rootCauses: ['human-error'],
  on: {},
};

function projectOf(change: (files: Files) => Files): Project {
  const files = projectFiles('http://127.0.0.1:1');
  files['signalbox.yaml'] += 'detection: { owner: team:growth, alternate: person:dana, stuck_after: 2h }\n';
  const { project, diagnostics } = loadProject(new Map(Object.entries(change(files))));
  if (project === null) throw new Error(JSON.stringify(diagnostics, null, 2));
  return project;
}

/** One file of a project, with each first text replaced by the second. */
export function withTexts(path: string, ...texts: readonly [from: string, to: string][]) {
  return (files: Files): Files => {
    let text = files[path] ?? '';
    for (const [from, to] of texts) {
      if (!text.includes(from)) throw new Error(`${path} has no ${JSON.stringify(from)}`);
      text = text.replace(from, to);
    }
    return { ...files, [path]: text };
  };
}

/**
 * One finding from its beginning to its end: nothing before `begin`; then one exception with owner, alternate, TTL and a
 * checklist, and no second at the next round; after `end` it is closed by itself, and the round after opens none.
 */
export async function expectEpisode(
  world: Watched,
  episode: {
    readonly detector: Detector;
    readonly key: string;
    readonly on: typeof watcher | typeof ofWorkflow;
    /** What the exception says. */
    readonly says: RegExp;
    readonly begin: () => unknown;
    readonly end: () => unknown;
    /** Why it is over, as the record has it. */
    readonly because: string;
  },
): Promise<void> {
  const { detector, key, on, says, begin, end, because } = episode;
  await world.look(detector);
  expect(await world.found(key), 'before it began').toEqual([]);
  await begin();
  await world.look(detector);
  const [opened, ...others] = await world.found(key);
  expect(others, 'one finding').toEqual([]);
  expect(opened, 'what is told').toMatchObject({
    mode: detector.mode,
    state: 'open',
    closed_at: null,
    responsible: on.owner,
    ...on,
    summary: expect.stringMatching(says),
  });
  expect(opened?.checklist, 'a checklist').toContainEqual(expect.objectContaining({ state: 'open' }));
  expect(opened?.lapses_at?.getTime(), 'a TTL that runs').toBe(world.clock.now().getTime() + on.ttl_ms);
  await world.look(detector);
  expect(await world.found(key), 'told once').toEqual([opened]);
  await end();
  await world.look(detector);
  expect(await world.found(key)).toMatchObject([
    { state: 'resolved', resolution: 'over', resolution_note: because, closed_because: because },
  ]);
  await world.look(detector);
  expect(await world.found(key), 'and nothing is opened anew').toHaveLength(1);
}
