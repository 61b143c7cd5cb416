import { randomBytes } from 'node:crypto';
import Fastify from 'fastify';
import { pino } from 'pino';
import { insertAccount } from '../../src/account/store.ts';
import { createThrottle } from '../../src/account/throttle.ts';
import { openSession } from '../../src/account/worker.ts';
import type { ApiDeps } from '../../src/api/deps.ts';
import type { HealthCheck } from '../../src/api/health.ts';
import { describeRoutes } from '../../src/api/openapi.ts';
import { problemHandlers } from '../../src/api/problem.ts';
import { apiRoutes } from '../../src/api/server.ts';
import { insertEntries } from '../../src/audit/store.ts';
import { createChanges } from '../../src/change/worker.ts';
import type { Role } from '../../src/db/schema-accounts.ts';
import type { TicketDecision } from '../../src/decision.ts';
import { draftException } from '../../src/exceptions/open.ts';
import { insertExceptions } from '../../src/exceptions/store.ts';
import { actOnException, type Effects } from '../../src/exceptions/worker.ts';
import { insertHandoffs } from '../../src/handoff/store.ts';
import { intakeRoutes } from '../../src/intake/http.ts';
import type { Shell } from '../../src/shell.ts';
import { placeNew, rowsOf } from '../../src/ticket/place.ts';
import { insertTickets } from '../../src/ticket/store.ts';
import type { Project } from '../../src/workflow/project.ts';
import { deployWorkflows } from '../../src/workflow/store.ts';
import { versionOf } from '../../src/workflow/version.ts';
import type { CompiledWorkflow } from '../../src/workflow/workflow.ts';
import { testDatabase } from '../support/database.ts';
import { openBrowser } from './browser.ts';

export const key = 'sb_test_key';
const received = new Date('2026-03-01T10:00:00.000Z');

const bundle = '{"workflow":"leads"}';

/** As much of a compiled workflow as rows and routes are made from. */
const workflow = {
  name: 'leads',
  summary: 'A lead becomes a project.',
  version: versionOf(bundle),
  owner: 'team:growth',
  alternate: 'person:omar',
  trigger: { source: 'form', contract: { name: 'lead', schema: {} }, jsonField: null },
  routes: { threshold: 0.8, rules: [{ to: 'team:growth', when: null, signals: [] }], otherwise: 'triage' },
  handoffs: [{ id: 'create', destination: 'tool', approval: { when: null, by: 'team:growth' } }],
  exceptions: {
    owner: 'team:triage',
    alternate: 'person:omar',
    ttlMs: 900_000,
    resolveWithinMs: 86_400_000,
    claimLeaseMs: 3_600_000,
    escalate: ['person:dana'],
    rootCauses: ['human-error'],
    on: {},
  },
} as unknown as CompiledWorkflow;

const house = {
  name: 'test',
  server: { host: '127.0.0.1', port: 0, trustedProxies: [] },
  signIn: { url: null, idleMs: 3_600_000, secret: null, oidc: null },
  sources: new Map([
    [
      'form',
      {
        key: 'form',
        summary: 'The form',
        owner: 'person:dana',
        verify: { scheme: 'bearer', secrets: [{ env: 'TOKEN' }] },
        poll: null,
        reconcile: null,
        bodyBytesMax: 1000,
      },
    ],
  ]),
  destinations: new Map([
    [
      'tool',
      {
        key: 'tool',
        summary: 'The tool',
        connector: 'http',
        url: 'http://tool',
        auth: { scheme: 'bearer', secret: { env: 'TOOL' } },
        idempotencyHeader: 'idempotency-key',
        timeoutMs: 1000,
        allowPrivate: true,
        timeouts: { connectMs: 1000, headersMs: 1000, bodyMs: 1000 },
        ca: null,
        from: null,
        readAgain: null,
      },
    ],
  ]),
  people: new Map(
    ['dana', 'omar'].map((person) => [person, { key: person, name: person, email: null, away: [] }]),
  ),
  teams: new Map([['growth', { key: 'growth', name: 'Growth', members: ['dana'] }]]),
  workflows: new Map([['leads', workflow]]),
  bundles: new Map([['leads', bundle]]),
} as unknown as Project;

/** No resolution of these tests sends anything anywhere. */
const effects: Effects = {
  redecide: () => Promise.reject(new Error('not in these tests')),
  retryHandoff: () => Promise.reject(new Error('not in these tests')),
  confirmHandoff: () => Promise.reject(new Error('not in these tests')),
  cancelHandoffs: async (_tx, ticket) => ticket,
};

/** A decision that leaves an exception, as `decide` would make it. */
export function stopped(identity: string): TicketDecision {
  return {
    kind: 'stopped',
    reasons: [
      {
        rung: 'contract',
        code: 'contract_violation',
        text: 'Violates its contract: /project_type (required)',
      },
    ],
    identity: { identity, digest: 'a'.repeat(64), version: null, until: new Date('2026-04-01T00:00:00Z') },
    fields: {},
    route: null,
    exception: draftException(workflow.exceptions, 'contract_violation', {
      summary: 'project_type is missing',
      detail: { violations: [{ path: '', rule: 'required', message: 'project_type is missing' }] },
    }),
  };
}

/** A decision that hands off, after somebody's yes where `approval` is asked for. */
export function routed(identity: string, approval = false): TicketDecision {
  return {
    kind: 'routed',
    reasons: [{ rung: 'routing', code: 'routed', text: 'team:growth: 1' }],
    identity: { identity, digest: 'b'.repeat(64), version: null, until: new Date('2026-04-01T00:00:00Z') },
    fields: { type: 'web' },
    route: { to: 'team:growth', confidence: 1, candidates: [] },
    handoffs: [
      {
        handoff: 'create',
        destination: 'tool',
        request: {
          operation: 'POST /projects',
          method: 'POST',
          path: '/projects',
          headers: {},
          body: { type: 'web' },
        },
        retry: { attemptsMax: 3, forMs: 60_000 },
        outcome: {
          operation: 'GET /projects/{id}',
          method: 'GET',
          path: '/projects/{id}',
          parameters: [],
          that: null,
          same: ['type'],
          withinMs: 1000,
        },
        approval: approval ? { by: 'team:growth', withinMs: 3_600_000 } : null,
        after: [],
        exceptions: workflow.exceptions,
      },
    ],
  };
}

/** The API on loopback and a database of its own, with a clock that stands. */
export async function apiServer(
  changes: {
    health?: HealthCheck[];
    onApproval?: ApiDeps['acts']['onApproval'];
    workflows?: ApiDeps['workflows'];
  } = {},
) {
  const database = await testDatabase();
  // Tests change who is known; no other server's files share that.
  const project: Project = { ...house, people: new Map(house.people) };
  let now = received;
  const clock = {
    now: () => now,
    passes(ms: number) {
      now = new Date(now.getTime() + ms);
    },
  };
  const shell: Shell = {
    db: database.db,
    clock,
    log: pino({ level: 'silent' }),
    wake: () => {},
    project: () => project,
    secrets: () => ['oidc-secret-for-tests'],
    links: { keys: () => ['link-key'], base: () => 'http://127.0.0.1' },
  };
  await deployWorkflows(database.db, project, 'signalbox', received);
  const app = Fastify();
  problemHandlers(app);
  await describeRoutes(app);
  const intake: ApiDeps['intake'] = {
    receive: async () => ({ split: false, submitted: { kind: 'busy', retryAfterSeconds: 1 } }),
    rehearse: () => Promise.reject(new Error('not in these tests')),
  };
  const watched = createChanges(shell);
  const deps: ApiDeps = {
    changes: watched,
    people: { ...shell, throttle: createThrottle(), secrets: () => ['seal'] },
    shell,
    key,
    acts: {
      onException: (at, act, actor) => actOnException({ shell, effects }, at, act, actor),
      onApproval: changes.onApproval ?? (async () => {}),
    },
    poll: () => Promise.reject(new Error('not in these tests')),
    reconcile: {
      list: () => Promise.reject(new Error('not in these tests')),
      file: () => Promise.reject(new Error('not in these tests')),
    },
    intake,
    workflows: changes.workflows ?? {
      deploy: () => Promise.reject(new Error('not in these tests')),
      rollBack: () => Promise.reject(new Error('not in these tests')),
    },
    health: changes.health ?? [],
  };
  await app.register(intakeRoutes, { shell, ...intake });
  await app.register(apiRoutes, { deps });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });

  return {
    url,
    app,
    shell,
    clock,
    db: database.db,
    ownerUrl: database.ownerUrl,
    /** A browser in which nobody has signed in. */
    browser: () => openBrowser(url),
    /** A browser with a session of a person; the account is made with the roles where there is none. */
    async signedIn(person: string, roles: Role[] = ['administrator']) {
      await database.db.transaction().execute((tx) => insertAccount(tx, person, roles, now));
      const origin = { address: '127.0.0.1', agent: 'test' };
      const { token } = await openSession(shell, person, 'link', origin);
      return openBrowser(url, new Map([[`signalbox-${new URL(url).port}`, token]]));
    },
    /** Asks with the key; a body is posted as JSON. */
    async ask(path: string, options: { body?: unknown; headers?: Record<string, string> } = {}) {
      const headers: Record<string, string> = { authorization: `Bearer ${key}`, ...options.headers };
      if (options.body !== undefined) headers['content-type'] = 'application/json';
      const init = options.body === undefined ? {} : { method: 'POST', body: JSON.stringify(options.body) };
      const response = await fetch(url + path, { ...init, headers });
      // biome-ignore lint/suspicious/noExplicitAny: the tests look into whatever JSON came
      return { status: response.status, headers: response.headers, body: (await response.json()) as any };
    },
    /** Writes the ticket of a decision as the path would; returns its id. */
    async place(decision: TicketDecision, body = '{"lead_id":"1"}'): Promise<string> {
      const trigger = {
        source: 'form',
        contentType: 'application/json',
        headers: { 'x-a': '1' },
        body: Buffer.from(body),
      };
      const placed = placeNew({ workflow, trigger, delivery: null }, decision, received, randomBytes);
      const rows = rowsOf([placed], new Map(), received, randomBytes);
      await database.db.transaction().execute(async (tx) => {
        await insertTickets(tx, rows.tickets, rows.payloads);
        await insertEntries(tx, rows.entries);
        await insertHandoffs(tx, rows.handoffs);
        await insertExceptions(tx, rows.exceptions);
      });
      return placed.ticketId;
    },
    changes: watched,
    async close() {
      await app.close();
      await watched.stop();
      await database.close();
    },
  };
}

export type ApiServer = Awaited<ReturnType<typeof apiServer>>;
