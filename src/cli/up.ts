import { type Command, InvalidArgumentError } from 'commander';
import type { App } from '../app.ts';
import type { Diagnostic } from '../workflow/diagnostics.ts';
import type { Project } from '../workflow/project.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { paintFor, say } from './output.ts';

interface Options extends CommonOptions {
  readonly port?: number;
  readonly host?: string;
  readonly databaseUrl?: string;
  readonly logLevel: string;
}

/** `signalbox up`: the server, with its database, until it is told to stop. */
export function upCommand(root: Command): void {
  addCommand(root, 'up', {
    summary: 'Starts the server with its database; changed files take effect as soon as they compile',
    examples: [
      ['signalbox up', 'with the database that it brings, in .signalbox/'],
      ['signalbox up --port 0', 'on any free port'],
      ['DATABASE_URL=postgres://… signalbox up', 'with a PostgreSQL (15 or newer) of yours'],
    ],
  })
    .option('--port <port>', 'instead of what signalbox.yaml says', portFrom)
    .option('--host <host>', 'instead of what signalbox.yaml says')
    .option('--database-url <url>', 'instead of DATABASE_URL')
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent', 'warn')
    .action(async (options: Options) => {
      const folder = projectRoot(options);
      const { soundProject } = await import('./project.ts');
      const project = await soundProject(folder);
      const { createApp } = await import('../app.ts');
      const { json: _, project: __, ...given } = options;
      const app = createApp({ root: folder, env: process.env, ...given });
      const { url } = await app.start();
      if (options.json) say(JSON.stringify({ up: true, url }));
      else say(addresses(project, url));
      await serve(app, folder, options.json === true);
    });
}

function portFrom(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

/** Resolves when the server has stopped, after a first SIGINT or SIGTERM; a second one does not wait. */
async function serve(app: App, folder: string, json: boolean): Promise<void> {
  const { watchProject } = await import('./watch.ts');
  const watching = await watchProject(folder, async () => report(folder, await app.reload(), json));
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  for (const again of ['SIGINT', 'SIGTERM'] as const) process.on(again, () => process.exit(130));
  watching.close();
  if (!json)
    say(`${signal === 'SIGINT' ? '\n' : ''}Stopping: what was taken is finished. Once more stops at once.`);
  await app.stop();
}

async function report(folder: string, diagnostics: readonly Diagnostic[], json: boolean): Promise<void> {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (json) return say(JSON.stringify({ reloaded: errors.length === 0, diagnostics }));
  if (errors.length === 0)
    return say(`${paintFor(process.stdout)('good', '✔')} The changed project is in force.`);
  const { checkProject } = await import('./project.ts');
  const { text } = await checkProject(folder);
  const cross = paintFor(process.stderr)('bad', '✘');
  process.stderr.write(
    `${text}\n\n${cross} The change is not in force; the version before it keeps serving.\n`,
  );
}

function addresses(project: Project, url: string): string {
  const paint = paintFor(process.stdout);
  const readers = new Map([...project.workflows.values()].map(({ name, trigger }) => [trigger.source, name]));
  const sources = [...project.sources.values()].map(
    ({ key, verify }) =>
      `  POST ${url}/in/${key}  ${paint('dim', `${verify.scheme} → ${readers.get(key) ?? 'no workflow'}`)}`,
  );
  return [
    `${paint('good', '●')} ${paint('strong', project.name)} is up at ${paint('name', url)}`,
    ...sources,
    `  GET  ${url}/openapi.json  ${paint('dim', 'the API; its key stands in .signalbox/server.json')}`,
    paint('dim', 'Changed files take effect as soon as they compile. Ctrl-C stops.'),
  ].join('\n');
}
