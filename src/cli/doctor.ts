import { connect as connectSocket, createServer } from 'node:net';
import type { Command } from 'commander';
import type { DetectionJson } from '../api/detection.ts';
import { AppError, exitCode } from '../errors.ts';
import { destinationSecrets, type Project, type SecretRef, secretRefs } from '../workflow/project.ts';
import { type Address, addressOf, clientFor } from './client.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { paintFor, say, sayJson, tame } from './output.ts';

/** One thing that was looked at. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do; where it is not ok. */
  readonly fix?: string;
}

/** A destination that has not answered by then is called unreachable. */
const connectTimeoutMs = 3_000;

/** `signalbox doctor`: everything that a server needs, each with what to do where it is missing. */
export function doctorCommand(root: Command): void {
  addCommand(root, 'doctor', {
    summary: 'Looks at everything that the server needs, and says what to do where something is missing',
    examples: [
      ['signalbox doctor', 'exits 1 where something is missing'],
      ['signalbox doctor --json', 'the findings as JSON'],
    ],
  }).action(async (options: CommonOptions) => {
    const findings = await examine(projectRoot(options), process.env);
    const ok = findings.every((finding) => finding.ok);
    if (!ok) process.exitCode = exitCode('invalid_project');
    if (options.json) sayJson({ ok, findings });
    else say(findings.map(line).join('\n'));
  });
}

function line({ what, ok, detail, fix }: Finding): string {
  const paint = paintFor(process.stdout);
  const mark = ok ? paint('good', '✔') : paint('bad', '✘');
  const help = ok || fix === undefined ? '' : `\n    ${fix}`;
  return `${mark} ${paint('strong', what)}: ${tame(detail)}${help}`;
}

async function examine(root: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { checkProject } = await import('./project.ts');
  const { project, diagnostics } = await checkProject(root);
  const address = await addressOf(root, env).catch(() => null);
  return [
    nodeFinding(process.versions.node),
    {
      what: 'project',
      ok: project !== null,
      detail: project === null ? `${diagnostics.length} findings in ${root}` : `${project.name} compiles`,
      fix: '`signalbox check` shows each with its place.',
    },
    await databaseFinding(env),
    address === null ? noServer : await serverFinding(address),
    ...(address === null ? [] : await driftFinding(address)),
    ...(address === null ? [] : await detectionFinding(address)),
    ...(project === null ? [] : await projectFindings(project, root, env)),
    ...(project === null || address !== null ? [] : [await portFinding(project.server)]),
  ];
}

async function projectFindings(project: Project, root: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const destinations = await Promise.all(
    [...project.destinations.values()]
      // Where the address is a secret it is not told, here neither.
      .filter(({ url }) => url !== '')
      .map(({ key, url }) => reachFinding(key, url)),
  );
  return [...(await secretFindings(project, root, env)), ...destinations];
}

function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > 22 || (major === 22 && minor >= 18);
  return { what: 'node', ok, detail: version, fix: 'Install Node 22.18 or newer.' };
}

async function databaseFinding(env: NodeJS.ProcessEnv): Promise<Finding> {
  const { DATABASE_URL: url } = env;
  if (url === undefined || url === '') {
    return await attempt('database', async () => {
      const { findBinaries } = await import('../db/binaries.ts');
      return `PostgreSQL ${(await findBinaries()).version}, brought along`;
    });
  }
  return await attempt('database', async () => {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
    client.on('error', () => {});
    await client.connect();
    try {
      const { rows } = await client.query<{ version: string; migrated: boolean }>(
        `select current_setting('server_version') as version, to_regclass('migration') is not null as migrated`,
      );
      const migrated = rows[0]?.migrated
        ? 'has Signalbox’s tables'
        : 'is empty; `signalbox up` makes the tables';
      return `PostgreSQL ${rows[0]?.version} at DATABASE_URL ${migrated}`;
    } finally {
      await client.end();
    }
  });
}

/** A project that is not up is not ill. */
const noServer: Finding = { what: 'server', ok: true, detail: 'not running; `signalbox up` starts it' };

async function serverFinding(address: Address): Promise<Finding> {
  return await attempt('server', async () => {
    const { checks } = await clientFor(address).get<{ checks: unknown[] }>('/health/ready');
    return `ready at ${address.url} (${checks.length} checks)`;
  });
}

/** Where payloads have changed: a warning, and nothing that is missing. Of a server that does not answer, nothing. */
async function driftFinding(address: Address): Promise<Finding[]> {
  const page = await clientFor(address)
    .get<{ findings: { source: string }[] }>('/api/drift?state=open&limit=500')
    .catch(() => null);
  if (page === null) return [];
  const sources = [...new Set(page.findings.map(({ source }) => source))].join(', ');
  const detail =
    page.findings.length === 0
      ? 'payloads look as they usually do'
      : `${page.findings.length} changes in the payloads of ${sources}; \`signalbox drift\` tells which`;
  return [{ what: 'drift', ok: true, detail }];
}

async function detectionFinding(address: Address): Promise<Finding[]> {
  const seen = await clientFor(address)
    .get<DetectionJson>('/api/detection')
    .catch(() => null);
  if (seen === null) return [];
  const failing = seen.detectors.filter(({ error }) => error !== null);
  const open = seen.open.map(({ mode, findings }) => `${mode} ${findings}`).join(', ');
  const detail = failing[0]
    ? `${failing.map(({ name }) => name).join(', ')} failed: ${failing[0].error}`
    : `${seen.detectors.length} detectors; ${open === '' ? 'nothing is open' : `open: ${open}`}`;
  const fix = "The server's log says why; nothing else is kept from its work.";
  return [{ what: 'detection', ok: failing.length === 0, detail, fix }];
}

async function attempt(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await look() };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const fix = error instanceof AppError ? error.help : undefined;
    return { what, ok: false, detail, ...(fix === undefined ? {} : { fix }) };
  }
}

async function portFinding({ host, port }: Project['server']): Promise<Finding> {
  const code = await new Promise<string | null>((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });
  const detail = code === null ? `${host}:${port} is free` : `${host}:${port} cannot be used (${code})`;
  return {
    what: 'port',
    ok: code === null,
    detail,
    fix: 'Stop what uses it, or start with `signalbox up --port 0`.',
  };
}

async function secretFindings(project: Project, root: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { readSecret } = await import('../platform/secrets.ts');
  return await Promise.all(
    secretsOf(project).map(({ of, ref }) =>
      attempt(`secret of ${of}`, async () => {
        readSecret(ref, env, root);
        return 'env' in ref ? `${ref.env} is set` : `${ref.file} is there`;
      }),
    ),
  );
}

function secretsOf({ sources, destinations }: Project): { of: string; ref: SecretRef }[] {
  const ofSources = [...sources.values()].flatMap((source) =>
    secretRefs(source).map((ref) => ({ of: `source ${source.key}`, ref })),
  );
  const ofDestinations = [...destinations.values()].flatMap((destination) =>
    destinationSecrets(destination).map((ref) => ({ of: `destination ${destination.key}`, ref })),
  );
  return [...ofSources, ...ofDestinations];
}

const ports: Readonly<Record<string, number>> = { 'https:': 443, 'smtps:': 465, 'smtp:': 587 };

/** Only connects: nothing is sent to a destination. */
async function reachFinding(key: string, address: string): Promise<Finding> {
  const { hostname, port, protocol, host } = new URL(address);
  const trouble = await new Promise<string | null>((resolve) => {
    const socket = connectSocket({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (ports[protocol] ?? 80),
      timeout: connectTimeoutMs,
    });
    const end = (result: string | null) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(null));
    socket.once('timeout', () => end(`no answer in ${connectTimeoutMs} ms`));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
  const detail = trouble === null ? `${host} accepts connections` : `${host} is not reached (${trouble})`;
  return {
    what: `destination ${key}`,
    ok: trouble === null,
    detail,
    fix: 'Is it up? Handoffs to it wait and are retried.',
  };
}
