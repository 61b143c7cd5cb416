import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { forgetSessions } from './account/session/store.ts';
import { createThrottle } from './account/throttle.ts';
import { forgetTokens } from './account/token/store.ts';
import { firstAdministrator, issueLink } from './account/worker.ts';
import type { ApiDeps } from './api/deps.ts';
import type { HealthCheck } from './api/health.ts';
import { checksPass, sweeperTrouble } from './api/health.ts';
import { linkUrl } from './api/link-url.ts';
import { describeRoutes } from './api/openapi.ts';
import { problemHandlers } from './api/problem.ts';
import { apiRoutes } from './api/server.ts';
import { approvalPages } from './approval/link/http.ts';
import { decideApproval } from './approval/worker.ts';
import { withoutCapability } from './capability.ts';
import { createChanges } from './change/worker.ts';
import { type OpenDatabase, openDatabase } from './db/open.ts';
import type { Trigger } from './decision.ts';
import { forgetRequests } from './dedupe/request/store.ts';
import { detectors } from './detection/detectors/worker.ts';
import { driftTrouble, sweepDrift } from './detection/drift/worker.ts';
import { createHeartbeat } from './detection/heartbeat/worker.ts';
import { createReconciler, reconciliationsTrouble } from './detection/reconciliation/worker.ts';
import { sweepDetection } from './detection/round/worker.ts';
import { AppError } from './errors.ts';
import { actOnException, type Effects, sweepExceptions } from './exceptions/worker.ts';
import { handoffEffects } from './handoff/acts/worker.ts';
import { createDispatcher } from './handoff/dispatch/worker.ts';
import { createEngine } from './handoff/engine/worker.ts';
import { createPacer } from './handoff/pace/worker.ts';
import { type HandoffShell, type PassedStep, sweepHandoffs } from './handoff/worker.ts';
import { loggedRequest } from './intake/headers.ts';
import { intakeRoutes, intakeServerOptions } from './intake/http.ts';
import { rehearse } from './intake/rehearsal/worker.ts';
import { createIntake } from './intake/worker.ts';
import { callbackRoutes } from './outcome/callback/http.ts';
import { announce } from './platform/announce.ts';
import { changed } from './platform/changed.ts';
import { type Clock, systemClock } from './platform/clock.ts';
import { localKey } from './platform/local-key.ts';
import { readProjectFiles } from './platform/project-files.ts';
import { readSecret } from './platform/secrets.ts';
import { createPoller, pollsTrouble } from './poll/worker.ts';
import { replay } from './replay.ts';
import { requireSecrets } from './required-secrets.ts';
import type { Shell } from './shell.ts';
import { type Sweeper, startSweeper } from './sweeper.ts';
import type { Change } from './workflow/deployment/deployment.ts';
import type { Diagnostic } from './workflow/diagnostics.ts';
import { type Folder, type Held, workflowsInForce } from './workflow/in-force/worker.ts';
import { loadProject } from './workflow/load.ts';
import type { Project, SecretRef } from './workflow/project.ts';
import { storedWorkflows } from './workflow/worker.ts';

export interface AppOptions {
  /** The project folder: where `signalbox.yaml` stands. */
  readonly root: string;
  /** Default: `.signalbox` in the project folder. */
  readonly dataFolder?: string;
  /** Default: `DATABASE_URL`, else the embedded server. */
  readonly databaseUrl?: string;
  /** Default: what the project file says. */
  readonly host?: string;
  readonly port?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** pino's levels; default `info`. */
  readonly logLevel?: string;
  readonly clock?: Clock;
  /** Takes triggers and serves the API; handoffs are left to the other nodes of the same database. */
  readonly intakeOnly?: boolean;
  /** Workflows come by deployments alone: the folder's own are left aside. */
  readonly deployedOnly?: boolean;
  /** Hears of the steps of each handoff: for tests, which end the process there. */
  readonly passed?: (step: PassedStep) => void;
}

export interface App {
  /** Resolves when the server answers. */
  start(): Promise<Started>;
  /** Takes nothing new, finishes what was taken, stops what it started. */
  stop(): Promise<void>;
  /** Reads the project again. Where it has errors they are returned and the running version keeps serving. */
  reload(): Promise<Reloaded>;
}

export interface Started {
  readonly url: string;
  /** The local API key. */
  readonly key: string;
  readonly project: Project;
  /** Versions in force that are not the folder's. */
  readonly held: readonly Held[];
  /** A new link for the first administrator, good once; null: somebody has an account. */
  firstLink(): Promise<FirstLink | null>;
}

export interface FirstLink {
  readonly person: string;
  readonly url: string;
  readonly expiresAt: Date;
}

export interface Reloaded {
  readonly diagnostics: readonly Diagnostic[];
  /** What the folder has put in force; empty too where it has errors. */
  readonly changes: readonly Change[];
  readonly held: readonly Held[];
}

/** Wires everything; the only place that knows all parts. */
export function createApp(options: AppOptions): App {
  let running: Running | null = null;
  return {
    async start() {
      if (running !== null) throw new Error('this app has been started');
      running = await start(options);
      return running.started;
    },
    async stop() {
      const stopping = running;
      running = null;
      await stopping?.stop();
    },
    async reload() {
      if (running === null) throw new Error('this app is not running');
      return await running.reload();
    },
  };
}

interface Running {
  readonly started: Started;
  stop(): Promise<void>;
  reload(): Promise<Reloaded>;
}

async function start(options: AppOptions): Promise<Running> {
  const root = resolve(options.root);
  const env = options.env ?? process.env;
  const clock = options.clock ?? systemClock;
  const dataFolder = resolve(options.dataFolder ?? join(root, '.signalbox'));
  const log = pino({ level: options.logLevel ?? 'info', serializers: { req: loggedWithoutCapability } });
  const secrets = (ref: SecretRef) => readSecret(ref, env, root);

  const read = async (): Promise<Read> => {
    const loaded = await readFolder(root, options.deployedOnly === true);
    if (loaded.folder !== null) requireSecrets(loaded.folder.project, secrets);
    return loaded;
  };
  const first = soundFolder(await read());
  await mkdir(dataFolder, { recursive: true });
  const key = await localKey(dataFolder, 'key');
  const linkKey = await localKey(dataFolder, 'link-key');

  // What was opened is closed in the reverse order, also where a later step of the start fails.
  const closing: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const databaseUrl = options.databaseUrl ?? env.DATABASE_URL;
    const database = await openDatabase({ dataFolder, databaseUrl, log, now: clock.now() });
    closing.push(() => database.close());
    const by = options.deployedOnly === true ? null : (env.SIGNALBOX_ACTOR ?? 'local');
    const workflows = await workflowsInForce({ db: database.db, clock, log }, first, by);
    const pacer = createPacer({ db: database.db, clock, log, project: workflows.project });
    const { byIndex } = database;
    const dispatching = { db: database.db, clock, log, project: workflows.project };
    const dispatcher = createDispatcher(dispatching, pacer, byIndex);
    closing.push(() => dispatcher.stop({ graceful: true }));
    let listening = '';
    const links = {
      keys: () => {
        const secret = workflows.project().server.linkSecret;
        return secret === undefined ? [linkKey] : secrets(secret);
      },
      base: () => workflows.project().server.publicUrl ?? listening,
    };
    const shell: HandoffShell = {
      db: database.db,
      clock,
      log,
      wake: dispatcher.wake,
      project: workflows.project,
      secrets,
      workflowAt: storedWorkflows(database.db),
      links,
      ...(options.passed && { passed: options.passed }),
    };
    const effects = effectsOf(shell);

    const handsOff = options.intakeOnly !== true;
    const changes = createChanges(shell);
    closing.push(() => changes.stop());
    const intake = createIntake(shell);
    closing.push(() => intake.stop());
    const poller = createPoller(shell, intake.receive);
    closing.push(() => poller.stop());
    const reconciler = createReconciler(shell, intake.submit);
    closing.push(() => reconciler.stop());
    const heartbeat = createHeartbeat(shell, () => checksPass(health));
    const health: HealthCheck[] = [];
    const sweeper = startSweeper({
      shell,
      sweeps: [
        { name: 'exceptions', run: (now) => sweepExceptions({ shell }, now) },
        ...(handsOff ? [{ name: 'handoffs', run: (now: Date) => sweepHandoffs(shell, now) }] : []),
        { name: 'polls', run: poller.sweep },
        { name: 'reconciliations', run: reconciler.sweep },
        { name: 'requests', run: (now) => forgetRequests(database.db, now) },
        { name: 'changes', run: changes.forget },
        { name: 'sessions', run: (now) => forgetSessions(database.db, now) },
        { name: 'sign-ins', run: (now) => forgetTokens(database.db, now) },
        { name: 'drift', run: (now) => sweepDrift(shell, now) },
        { name: 'deployments', run: workflows.follow },
        // Last, so that it sees what the others have just done.
        { name: 'detection', run: (now) => sweepDetection(shell, detectors, now) },
        { name: 'heartbeat', run: heartbeat.beat },
      ],
    });
    closing.push(() => sweeper.stop());
    health.push(...healthChecks(shell, database, sweeper), {
      name: 'heartbeat',
      advisory: true,
      check: async () => heartbeat.trouble(),
    });

    const { trustedProxies } = workflows.project().server;
    const server = Fastify({
      ...intakeServerOptions,
      ...(trustedProxies.length > 0 && { trustProxy: [...trustedProxies] }),
      loggerInstance: log as FastifyBaseLogger,
    });
    problemHandlers(server);
    await describeRoutes(server);
    // A poll or a comparison that was asked for over the API ends before the server waits for its answer.
    server.addHook('preClose', async () => {
      await Promise.all([poller.stop(), reconciler.stop()]);
    });
    const door = { receive: intake.receive, rehearse: (whole: Trigger) => rehearse(shell, whole) };
    await server.register(intakeRoutes, { shell, ...door });
    await server.register(callbackRoutes, { shell });
    await server.register(approvalPages, { shell });
    await server.register(apiRoutes, {
      deps: {
        shell,
        key,
        acts: {
          onException: (at, act, actor) => actOnException({ shell, effects }, at, act, actor),
          onApproval: (at, decision, actor) => decideApproval(shell, at, decision, actor),
        },
        poll: (source, { dryRun }) => (dryRun ? poller.tryOut(source) : poller.poll(source)),
        reconcile: reconciler,
        intake: door,
        workflows: telling(workflows),
        changes,
        people: {
          ...shell,
          throttle: createThrottle(),
          secrets: () => {
            const { secret } = shell.project().signIn;
            return secret === null ? [key] : secrets(secret);
          },
        },
        health,
      },
    });
    const url = await listen(server, options, workflows.project());
    closing.push(() => server.close());
    listening = url;
    // A target may call back as soon as it is asked.
    if (handsOff) dispatcher.start(createEngine(shell, pacer, byIndex));
    closing.push(await announce(join(dataFolder, 'server.json'), { url, key, pid: process.pid }));

    const reload = async () => {
      let diagnostics: readonly Diagnostic[] = [];
      const changes = await workflows.take(async () => {
        const again = await read();
        diagnostics = again.diagnostics;
        return again.folder;
      });
      return { diagnostics, changes, held: workflows.held() };
    };
    const firstLink = async (): Promise<FirstLink | null> => {
      const person = await firstAdministrator(shell);
      if (person === null) return null;
      const order = { roles: ['administrator'] as const, actor: 'local' };
      const { token, expiresAt } = await issueLink(shell, person, order);
      return { person, url: linkUrl(shell.project(), url, token), expiresAt };
    };
    const started = { url, key, project: workflows.project(), held: workflows.held(), firstLink };
    return { started, stop, reload };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An address that proves itself is no business of the log. */
function loggedWithoutCapability(request: Parameters<typeof loggedRequest>[0]) {
  const { path = '', ...logged } = loggedRequest(request);
  return { ...logged, path: withoutCapability(path) };
}

interface Read {
  /** Null where it has errors. */
  readonly folder: Folder | null;
  readonly diagnostics: readonly Diagnostic[];
}

async function readFolder(root: string, withoutWorkflows: boolean): Promise<Read> {
  const files = await readProjectFiles(root);
  const { project, diagnostics } = loadProject(files, { withoutWorkflows });
  return { folder: project === null ? null : { project, files }, diagnostics };
}

function soundFolder({ folder, diagnostics }: Read): Folder {
  if (folder !== null) return folder;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  throw new AppError('invalid_project', `The project has ${errors.length} errors`, {
    help: 'Run `signalbox check` and mend what it names',
    details: { diagnostics },
  });
}

function effectsOf(shell: Shell): Effects {
  return {
    ...handoffEffects,
    redecide: (tx, ticket, options, now) => replay(shell, tx, ticket, options, now),
  };
}

/** Deployments over the API are told to those who watch. */
function telling({ deploy, rollBack }: ApiDeps['workflows']): ApiDeps['workflows'] {
  return {
    async deploy(...order) {
      const done = await deploy(...order);
      for (const { workflow } of done) changed({ workflow });
      return done;
    },
    async rollBack(...order) {
      const done = await rollBack(...order);
      changed({ workflow: done.workflow });
      return done;
    },
  };
}

function healthChecks(shell: Shell, database: OpenDatabase, sweeper: Sweeper): HealthCheck[] {
  return [
    {
      name: 'database',
      async check() {
        await database.pool.query('select 1');
        return null;
      },
    },
    {
      name: 'sweeper',
      async check() {
        return sweeperTrouble(sweeper.lastSuccess(), shell.clock.now());
      },
    },
    { name: 'polls', advisory: true, check: () => pollsTrouble(shell) },
    { name: 'reconciliations', advisory: true, check: () => reconciliationsTrouble(shell) },
    { name: 'drift', advisory: true, check: () => driftTrouble(shell) },
  ];
}

async function listen(server: FastifyInstance, options: AppOptions, project: Project): Promise<string> {
  const host = options.host ?? project.server.host;
  const port = options.port ?? project.server.port;
  try {
    return await server.listen({ host, port });
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!inUse) throw error;
    throw new AppError('conflict', `Port ${port} of ${host} is taken`, {
      help: 'Stop what listens there, or set another server.port in signalbox.yaml (or --port)',
      cause: error,
    });
  }
}
