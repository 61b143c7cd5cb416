import { detectors } from '../../src/detection/detectors/worker.ts';
import { sweepDetection } from '../../src/detection/round/worker.ts';
import { sweepExceptions } from '../../src/exceptions/worker.ts';
import { advanceHandoff, type HandoffShell } from '../../src/handoff/worker.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { processGroup } from '../../src/process.ts';
import { loadProject } from '../../src/workflow/load.ts';
import type { Project } from '../../src/workflow/project.ts';
import { lead, projectFiles } from '../support/project.ts';
import { manualClock, testShell } from '../support/shell.ts';
import type { Target } from '../support/target.ts';
import { seeded } from './random.ts';

const minuteMs = 60_000;

/** What goes wrong in the day, by the beginning of the finding's key, and within what time it is promised to be found. */
export interface Trouble {
  readonly what: string;
  readonly key: string;
  readonly from: Date;
  readonly withinMs: number;
}

export interface Day {
  readonly triggers: number;
  readonly found: readonly (Trouble & { readonly afterMs: number | null })[];
  /** Findings that nothing gave a reason for. */
  readonly falseAlarms: readonly string[];
  /** Tickets that the lying destination stored partially, and exceptions `contradicted`. */
  readonly partial: number;
  readonly contradicted: number;
}

/**
 * A day of two sources: steps of time, triggers by chance, the path of production on a real database, a target over HTTP.
 * The form goes silent, an owner leaves, a ticket goes back and forth, another lies still, the target stores one in
 * `partialEvery` without a field. Webhooks that are dropped at the source belong here too: give `step` another trouble.
 */
export async function simulateDay(options: {
  readonly db: HandoffShell['db'];
  readonly target: Target;
  readonly seed: number;
  readonly hours: number;
  readonly stepMs: number;
  readonly perHour: number;
  readonly partialEvery: number;
}): Promise<Day> {
  const { db, target } = options;
  const start = new Date('2026-03-02T06:00:00.000Z');
  const end = plusMs(start, options.hours * 60 * minuteMs);
  const at = (part: number) => plusMs(start, options.hours * 60 * minuteMs * part);
  const clock = manualClock(start);
  let project = dayProject(target.url);
  const workflowAt = async (version: string) =>
    [...project.workflows.values()].find((each) => each.version === version) ?? null;
  const shell: HandoffShell = { ...testShell(db, { clock, project: () => project }), workflowAt };
  const random = seeded(options.seed).next;
  const opened = new Map<string, Date>();
  let [triggers, partial, attempts] = [0, 0, 0];

  const send = async (source: string, body: string) => {
    const workflow = [...project.workflows.values()].find(({ trigger }) => trigger.source === source);
    if (workflow === undefined) throw new Error(`nobody reads ${source}`);
    const trigger = { source, contentType: 'application/json', headers: {}, body: Buffer.from(body) };
    triggers += 1;
    const arrival = { workflow, trigger, delivery: null };
    const [processed] = await processGroup(shell, [{ arrivals: [arrival], once: null }]);
    if (processed?.kind !== 'committed') throw new Error('not committed');
    return processed.triggers[0];
  };
  const work = async () => {
    const due = await db
      .selectFrom('handoff')
      .select(['ticket_id', 'seq', 'state'])
      .where('due_at', '<=', clock.now())
      .execute();
    for (const { ticket_id, seq, state } of due) {
      if (state === 'awaiting_approval') continue;
      const lie = state === 'ready' && ++attempts % options.partialEvery === 0;
      if (lie) partial += 1;
      target.behave(lie ? 'drop_field' : 'ok');
      await advanceHandoff(shell, ticket_id, seq);
    }
  };

  const silentAt = at(0.25);
  const goneAt = at(0.4);
  const thrashAt = at(0.5);
  const stuckAt = at(0.3);
  let [gone, thrashed, stuck] = [false, 0, false];
  let step = 0;
  for (; clock.now() < end; clock.advance(options.stepMs)) {
    const now = clock.now();
    step += 1;
    for (const source of ['form', 'shop']) {
      if (source === 'form' && now >= silentAt) continue;
      const count = poisson(random, (options.perHour * options.stepMs) / (60 * minuteMs));
      for (let index = 0; index < count; index += 1) await send(source, lead(`${source}-${step}-${index}`));
    }
    if (now >= stuckAt && !stuck) {
      const ticket = await send('shop', lead('stuck', { budget: 9_000 }));
      const id = String(ticket?.ticketId);
      await db
        .updateTable('handoff')
        .set({ due_at: plusMs(end, 86_400_000) })
        .where('ticket_id', '=', id)
        .execute();
      stuck = true;
    }
    if (now >= goneAt && !gone) {
      project = withoutPerson(project, 'lena');
      gone = true;
    }
    if (now >= thrashAt && thrashed < 3) {
      const type = thrashed === 1 ? 'brand' : 'web';
      await send('shop', lead('back-and-forth', { budget: 60_000, project_type: type }));
      thrashed += 1;
    }
    for (let look = 0; look < 2; look += 1) {
      await work();
      await sweepExceptions({ shell }, clock.now());
      await sweepDetection(shell, detectors, clock.now());
      for (const { key } of await db.selectFrom('finding').select('key').execute()) {
        if (!opened.has(key)) opened.set(key, clock.now());
      }
      clock.advance(30_000);
    }
    clock.advance(-60_000);
  }

  const stepped = options.stepMs + minuteMs;
  const troubles: Trouble[] = [
    {
      what: 'a source silent',
      key: 'source_silent/form',
      from: silentAt,
      withinMs: 2 * 60 * minuteMs + stepped,
    },
    { what: 'an owner gone', key: 'ownership_lapse/person:lena', from: goneAt, withinMs: stepped },
    { what: 'thrash', key: 'routing_thrash/', from: thrashAt, withinMs: 3 * stepped },
    { what: 'stuck work', key: 'stuck/', from: stuckAt, withinMs: 4 * 60 * minuteMs + stepped },
    {
      what: 'partial sync',
      key: 'sync_stale/field/tool/type',
      from: start,
      withinMs: end.getTime() - start.getTime(),
    },
  ];
  const known = (key: string) => troubles.some((trouble) => key.startsWith(trouble.key));
  const contradicted = await db
    .selectFrom('exception')
    .select('ticket_id')
    .where('mode', '=', 'contradicted')
    .execute();
  return {
    triggers,
    found: troubles.map((trouble) => {
      const first = [...opened].find(([key, when]) => key.startsWith(trouble.key) && when >= trouble.from);
      return { ...trouble, afterMs: first ? first[1].getTime() - trouble.from.getTime() : null };
    }),
    falseAlarms: [...opened.keys()].filter((key) => !known(key)),
    partial,
    contradicted: contradicted.length,
  };
}

function dayProject(url: string): Project {
  const files = new Map(Object.entries(projectFiles(url)));
  const leads = files.get('workflows/leads.yaml') ?? '';
  files.set(
    'signalbox.yaml',
    `${(files.get('signalbox.yaml') ?? '')
      .replace('people:\n', 'people:\n  lena: { name: Lena, email: lena@example.com }\n')
      .replace(
        'destinations:\n',
        '  shop: { summary: The shop, owner: person:dana, verify: { scheme: none } }\ndestinations:\n',
      )}detection: { owner: team:triage, alternate: person:dana, stuck_after: 4h }\n`,
  );
  files.set('workflows/leads.yaml', leads.replace('ticket:\n', '  expect: { every: 2h }\nticket:\n'));
  files.set(
    'workflows/orders.yaml',
    leads
      .replace('workflow: leads', 'workflow: orders')
      .replace('source: form', 'source: shop')
      .replace('owner: team:growth', 'owner: person:lena')
      .replace('{ within: 30d }', '{ within: 30d, other_content: update }')
      .replace(
        'handoffs:\n',
        '    - to: team:growth\n      when: ticket.project_type == "brand"\nhandoffs:\n',
      )
      .replace(
        '    retry:',
        '    approval: { when: ticket.budget > 50000.0, by: team:triage, within: 1d }\n    retry:',
      ),
  );
  const { project, diagnostics } = loadProject(files);
  if (project === null) throw new Error(JSON.stringify(diagnostics, null, 2));
  return project;
}

function withoutPerson(project: Project, person: string): Project {
  return { ...project, people: new Map([...project.people].filter(([key]) => key !== person)) };
}

/** Knuth's: how many come where `mean` are expected. */
function poisson(random: () => number, mean: number): number {
  let [count, product] = [0, random()];
  for (; product > Math.exp(-mean); product *= random()) count += 1;
  return count;
}
