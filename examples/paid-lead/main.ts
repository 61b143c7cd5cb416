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

const { values } = parseArgs({
  options: { once: { type: 'boolean', default: false }, data: { type: 'string' } },
});
const terminal = openTerminal(process.stdout);

process.exitCode = await main();

async function main(): Promise<number> {
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
      invite(terminal, example);
      await once(stop.signal, 'abort');
    }
    return good === stories.length ? 0 : 1;
  } finally {
    await example.stop();
  }
}

/** What to try while it is up, ready to be pasted from the folder of the repository. */
function invite(terminal: Terminal, { url, key }: Example): void {
  const cli = values.data === undefined ? 'npm run -s signalbox --' : 'npx signalbox';
  const here = values.data === undefined ? '-p examples/paid-lead' : '';
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
  for (const line of lines) terminal.line(line.trimEnd());
}
