/**
 * `npm start`: the example that is the main job. Brings up a database, Signalbox and a small project tool, sends leads,
 * tells what becomes of each, and stays up. `--once`: checks each story, prints how many were as expected, and ends
 * with exit code 0, or 1 where one was not.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type Example, secrets, startExample } from './run.ts';
import { stories } from './stories.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const terminal = openTerminal(process.stdout);

try {
  process.exitCode = await main();
} catch (error) {
  complain(error);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { once: { type: 'boolean', default: false }, data: { type: 'string' } },
  });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

  terminal.line('Signalbox: the example paid-lead. Database, server and project tool are coming up …');
  const example = await startExample({
    terminal,
    ...(values.data === undefined ? {} : { dataFolder: values.data }),
  });
  try {
    terminal.line(`Signalbox is at ${example.url}, the project tool at ${example.toolUrl}.`);
    const told = await example.tell(stop.signal);
    if (stop.signal.aborted) return 130;
    const good = told.filter((asExpected) => asExpected).length;
    terminal.line(`\nstories: ${good} of ${stories.length} as expected`);
    if (!values.once) {
      await example.sendWaiting();
      invite(terminal, example, values.data === undefined);
      const link = await example.firstLink();
      terminal.line('');
      terminal.line(
        link === null ? `The console: ${example.url}` : `The console, signed in (good once): ${link.url}`,
      );
      await once(stop.signal, 'abort');
    }
    return good === stories.length ? 0 : 1;
  } finally {
    await example.stop();
  }
}

/** What to try while it is up, to be pasted in the repository's folder. `home`: the CLI finds the server by itself. */
function invite(terminal: Terminal, { url, key }: Example, home: boolean): void {
  const cli = `${home ? '' : `SIGNALBOX_URL=${url} SIGNALBOX_KEY=${key} `}npm run -s signalbox --`;
  const here = '-p examples/paid-lead';
  const lines = [
    '',
    'It stays up until Ctrl-C. To try, in another terminal:',
    '  the exception queue',
    `    ${cli} exceptions list ${here}`,
    `    curl -s -H 'Authorization: Bearer ${key}' ${url}/api/exceptions`,
    '  the whole story of a ticket',
    `    ${cli} ticket <id> ${here}`,
    '  a lead of your own: change the file and its lead_id, then send it, signed as the landing page does',
    `    LANDING_PAGE_SECRET=${secrets.LANDING_PAGE_SECRET} \\`,
    `    ${cli} send landing-page examples/paid-lead/payloads/good.json ${here}`,
    '  whether the record is whole',
    `    ${cli} audit verify ${here}`,
    '  the API’s own document',
    `    curl -s ${url}/openapi.json`,
  ];
  for (const line of lines) terminal.line(line);
}

/** What kept it from coming up, for the person who started it. */
function complain(error: unknown): void {
  const { message, help } = error as { message?: string; help?: string };
  console.error(`✘ ${message ?? String(error)}`);
  if (help !== undefined) console.error(`  ${help}`);
}
