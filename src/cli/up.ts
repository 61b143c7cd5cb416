import { type Command, InvalidArgumentError, Option } from 'commander';
import type { App, FirstLink } from '../app.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Change } from '../workflow/deployment/deployment.ts';
import { formatDuration } from '../workflow/duration.ts';
import type { Held } from '../workflow/in-force/worker.ts';
import type { Project, Source } from '../workflow/project.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { paintFor, say } from './output.ts';
import { shortVersion } from './short-version.ts';
import { stopsInTime } from './stopping.ts';
import type { Watch } from './watch.ts';

interface Options extends CommonOptions {
  readonly deployed?: true;
  readonly port?: number;
  readonly host?: string;
  readonly databaseUrl?: string;
  readonly logLevel: string;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** `signalbox up`: the server, with its database, until it is told to stop. */
export function upCommand(root: Command): void {
  addCommand(root, 'up', {
    summary: 'Starts the server with its database; changed files take effect as soon as they compile',
    examples: [
      ['signalbox up', 'with the database that it brings, in .signalbox/'],
      ['signalbox up --port 0', 'on any free port'],
      ['DATABASE_URL=postgres://… signalbox up', 'with a PostgreSQL (15 or newer) of yours'],
      ['signalbox up --deployed', 'workflows come by `signalbox deploy` alone'],
    ],
  })
    .option('--port <port>', 'instead of what signalbox.yaml says', portFrom)
    .option('--host <host>', 'instead of what signalbox.yaml says')
    .option('--database-url <url>', 'instead of DATABASE_URL')
    .option('--deployed', 'leave workflows/ aside: what counts is what was deployed')
    .addOption(new Option('--log-level <level>', 'how much is logged').choices(logLevels).default('warn'))
    .action(async (options: Options) => {
      const { json: _, project: __, deployed: deployedOnly = false, ...given } = options;
      const folder = projectRoot(options);
      const { createApp } = await import('../app.ts');
      const { watchProject } = await import('./watch.ts');
      if (!deployedOnly) await (await import('./project.ts')).soundProject(folder);
      const app = createApp({ root: folder, env: process.env, deployedOnly, ...given });
      // Listened for from here on: a start that is interrupted is finished and then undone, not left half way.
      const toStop = firstSignal();
      // Watched before it is read, so that no change falls between the two; what is seen early waits for the start.
      const started = Promise.withResolvers<void>();
      const watching = await watchProject(folder, async () => {
        await started.promise;
        await reload(app, folder, options.json === true);
      });
      const { url, project, held, firstLink } = await app.start().catch((error: unknown) => {
        watching.close();
        throw error;
      });
      const link = await firstLink();
      const up = { up: true, url, held, ...(link !== null && { sign_in: link.url }) };
      say(options.json ? JSON.stringify(up) : addresses(project, url, deployedOnly));
      if (!options.json) for (const each of held) say(heldText(each, deployedOnly));
      if (!options.json && link !== null) say(linkText(link));
      started.resolve();
      await serve(app, watching, toStop, options.json === true);
    });
}

function portFrom(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

async function firstSignal(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}

/** Resolves when the server has stopped, after a first SIGINT or SIGTERM; a second one does not wait. */
async function serve(
  app: App,
  watching: Watch,
  toStop: Promise<NodeJS.Signals>,
  json: boolean,
): Promise<void> {
  const signal = await toStop;
  for (const again of ['SIGINT', 'SIGTERM'] as const) process.on(again, () => process.exit(130));
  watching.close();
  const fromKeyboard = signal === 'SIGINT' ? '\n' : '';
  if (!json) say(`${fromKeyboard}Stopping: what was taken is finished. Once more stops at once.`);
  if (!(await stopsInTime(() => app.stop()))) {
    const left = 'what is left is taken up at the next start, and senders without an answer send again';
    process.stderr.write(`Not all of it has ended in ${limits.stopMs / 1_000} s: ${left}.\n`);
    process.exit(1);
  }
  // What was left behind, a destination that does not answer, say, does not keep the process.
  setTimeout(() => process.exit(), 100).unref();
}

/** Puts the changed project in force, or says why it is not. Never rejects: the server goes on either way. */
async function reload(app: App, folder: string, json: boolean): Promise<void> {
  try {
    const { diagnostics, changes, held } = await app.reload();
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (json) say(JSON.stringify({ reloaded: errors.length === 0, diagnostics, changes, held }));
    else if (errors.length === 0)
      say(`${paintFor(process.stdout)('good', '✔')} The changed project is in force.${changesText(changes)}`);
    else notInForce(await findings(folder));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const help = error instanceof AppError && error.help !== undefined ? `\n  ${error.help}` : '';
    if (json) say(JSON.stringify({ reloaded: false, error: message }));
    else notInForce(`${message}${help}`);
  }
}

async function findings(folder: string): Promise<string> {
  const { checkProject } = await import('./project.ts');
  return (await checkProject(folder)).text;
}

function notInForce(why: string): void {
  const cross = paintFor(process.stderr)('bad', '✘');
  process.stderr.write(
    `${why}\n\n${cross} The change is not in force; the version before it keeps serving.\n`,
  );
}

function changesText(changes: readonly Change[]): string {
  return changes
    .filter(({ version, replaced }) => version !== replaced)
    .map(({ workflow, version }) => {
      return `\n  ${workflow}  ${version === null ? 'withdrawn' : `version ${shortVersion(version)}`}`;
    })
    .join('');
}

/** What is in force and is not what stands in the folder. */
function heldText({ workflow, version }: Held, deployedOnly: boolean): string {
  const paint = paintFor(process.stdout);
  const which = `${paint('warn', '!')} ${workflow} goes by version ${shortVersion(version)}, which was deployed`;
  if (deployedOnly) return which;
  return `${which} or rolled back to, and not by its files; it holds until they change.\n  \`signalbox workflows ${workflow}\` says who and why, \`signalbox deploy\` puts the files in force.`;
}

/** Shown until somebody has an account; each start takes back the one before. */
function linkText({ person, url }: FirstLink): string {
  const paint = paintFor(process.stdout);
  return [
    `${paint('warn', '!')} Nobody has an account yet. Sign in as ${paint('name', `person:${person}`)} with this link, good once and for 24 hours:`,
    `  ${paint('strong', url)}`,
    paint('dim', '  Somebody else: `signalbox people link PERSON`'),
  ].join('\n');
}

const byFiles = 'Changed files take effect as soon as they compile.';
const byDeployment = 'Workflows come by `signalbox deploy`; the ones in workflows/ are left aside.';

function addresses(project: Project, url: string, deployedOnly: boolean): string {
  const paint = paintFor(process.stdout);
  const readers = new Map([...project.workflows.values()].map(({ name, trigger }) => [trigger.source, name]));
  const sources = [...project.sources.values()].flatMap((source) => {
    const reader = `→ ${readers.get(source.key) ?? 'no workflow'}`;
    return doorsOf(source, url).map(([door, how]) => `  ${door}  ${paint('dim', `${how} ${reader}`)}`);
  });
  return [
    `${paint('good', '●')} ${paint('strong', project.name)} is up at ${paint('name', url)}`,
    ...sources,
    `  GET  ${url}/  ${paint('dim', 'the console')}`,
    `  GET  ${url}/openapi.json  ${paint('dim', 'the API; its key stands in .signalbox/server.json')}`,
    paint('dim', `${deployedOnly ? byDeployment : byFiles} Ctrl-C stops.`),
  ].join('\n');
}

/** How triggers of a source come in: each door, and how it is kept. */
function doorsOf({ key, verify, poll }: Source, url: string): [door: string, how: string][] {
  const doors: [string, string][] = [];
  if (verify !== null) doors.push([`POST ${url}/in/${key}`, verify.scheme]);
  if (poll !== null) doors.push([`poll ${key}`, `${poll.from}, every ${formatDuration(poll.everyMs)}`]);
  return doors;
}
