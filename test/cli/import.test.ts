import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type TestApp, testApp } from '../support/app.ts';
import { lead, projectEnv, testProject } from '../support/project.ts';
import { startServer } from '../support/server.ts';
import { startTarget, type Target } from '../support/target.ts';
import { run, start } from './run.ts';

let target: Target;
let server: TestApp;

beforeAll(async () => {
  target = await startTarget();
  server = await testApp(target.url);
});

afterAll(async () => {
  await server.stop();
  await target.close();
});

const files: string[] = [];
afterEach(async () => {
  for (const file of files.splice(0)) await rm(file, { force: true });
});

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(server.root, name);
  await writeFile(path, content);
  files.push(path, `${path}.rejected`, `${path}.import-state`);
  return path;
}

const signalbox = async (args: string[], input?: string) =>
  await run(args, { cwd: server.root, env: projectEnv, ...(input === undefined ? {} : { input }) });

async function imported(args: string[], input?: string) {
  const ran = await signalbox(['import', ...args, '--source', 'form', '--json'], input);
  return { ...ran, result: ran.stdout === '' ? null : JSON.parse(ran.stdout) };
}

/** The tickets of leads whose id begins with `prefix`. */
async function identities(prefix: string): Promise<string[]> {
  const { rows } = await server.database.pool.query<{ identity: string }>(
    'select identity from ticket where starts_with(identity, $1) order by identity',
    [prefix],
  );
  return rows.map(({ identity }) => identity);
}

const leads = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => lead(`${prefix}${String(index).padStart(5, '0')}`));

describe('signalbox import', () => {
  test('a line a trigger; what became of them, once', async () => {
    const path = await file(
      'leads.ndjson',
      `${[...leads('n-', 3), lead('n-00000'), lead('n-poor', { budget: 1 })].join('\n')}\n\n`,
    );
    const { code, result } = await imported([path, '--as', 'person:dana']);
    expect([code, result]).toEqual([
      0,
      expect.objectContaining({ rows: 5, routed: 3, joined: 1, exception: 1, rejected: 0, complete: true }),
    ]);
    const { body } = await server.get('/api/tickets?identity=n-00000');
    const story = (await server.get(`/api/tickets/${body.tickets[0].id}`)).body;
    expect(story.entries[0].actor).toBe('person:dana');
  });

  test('a file imported again is the same file: every row gets its first answer', async () => {
    const path = await file('twice.ndjson', leads('t-', 4).join('\n'));
    const first = await imported([path]);
    const again = await imported([path]);
    expect(again.result).toEqual(first.result);
    const { body } = await server.get('/api/tickets?identity=t-00000');
    expect(body.tickets).toMatchObject([{ joined: 0 }]);
  });

  test('rows that cannot be taken are told with their line, and kept as they stand', async () => {
    const bad = ['{"lead_id": ', '{"a":1,"a":2}'];
    const path = await file('bad.ndjson', [lead('b-1'), bad[0], lead('b-2'), bad[1]].join('\n'));
    const { code, stderr, result } = await imported([path]);
    expect(code).toBe(1);
    expect(result).toMatchObject({ routed: 2, rejected: 2, rejections: [{ line: 2 }, { line: 4 }] });
    expect(stderr).toMatch(/^line 2: .+\nline 4: .+/m);
    expect(await readFile(`${path}.rejected`, 'utf8')).toBe(`${bad.join('\n')}\n`);
  });

  test('CSV: texts by the names of the first row, or what they say with --types', async () => {
    const rows =
      'lead_id,name,project_type,budget\r\nc-1,"Zoë ""Z""\r\nNoor",web,5000\r\nc-2,short\r\nc-3,007,web,900';
    const path = await file('leads.csv', rows);
    const texts = await imported([path, '--dry-run']);
    expect(texts.result, 'a budget that is text breaks the contract').toMatchObject({
      exception: 2,
      rejected: 1,
    });
    const { code, result } = await imported([path, '--types']);
    expect([code, result]).toMatchObject([
      1,
      { routed: 2, rejections: [{ line: 4, reason: expect.stringMatching(/2 cells.+4/) }] },
    ]);
    expect(await readFile(`${path}.rejected`, 'utf8')).toBe(
      'lead_id,name,project_type,budget\r\nc-2,short\r\n',
    );
    await writeFile(`${path}.rejected`, 'lead_id,name,project_type,budget\r\nc-2,Ann,web,900\r\n');
    files.push(`${path}.rejected.rejected`, `${path}.rejected.import-state`);
    expect((await imported([`${path}.rejected`, '--types'])).result, 'corrected there').toMatchObject({
      routed: 1,
      rejected: 0,
    });
    const { body } = await server.get('/api/tickets?identity=c-1');
    expect(body.tickets[0].fields).toEqual({ name: 'Zoë "Z"\r\nNoor', project_type: 'web', budget: 5000 });
    const third = await server.get('/api/tickets?identity=c-3');
    expect(third.body.tickets[0].fields.name, 'a number with a leading zero is a text').toBe('007');
  });

  test('packed, from standard input, from a line on', async () => {
    const path = await file('packed.ndjson.gz', gzipSync(leads('p-', 4).join('\n')));
    expect((await imported([path, '--from', '3'])).result).toMatchObject({ rows: 2, routed: 2 });
    expect((await imported(['-'], leads('p-', 4).join('\n'))).result).toMatchObject({ rows: 4, routed: 4 });
    expect(await identities('p-')).toHaveLength(4);
  });

  test('a dry run stores nothing and leaves no file', async () => {
    const path = await file('dry.ndjson', [lead('d-1'), '{'].join('\n'));
    expect((await imported([path, '--dry-run'])).result).toMatchObject({
      routed: 1,
      rejected: 1,
      dry_run: true,
    });
    expect(await identities('d-')).toEqual([]);
    await expect(readFile(`${path}.rejected`)).rejects.toThrow('ENOENT');
  });

  test.each<[args: string[], code: number, says: RegExp, reason: string]>([
    [['missing.ndjson', '--source', 'form'], 4, /cannot be read/, 'no such file'],
    [
      ['signalbox.yaml', '--source', 'from'],
      1,
      /rejected/,
      'rows that are none are rejected before anybody is asked',
    ],
    [['-', '--source', 'from'], 4, /Did you mean form/, 'no such source'],
    [['-', '--source', 'form', '--concurrency', '257'], 2, /1 to 256/, 'more at once than is good'],
    [['-', '--source', 'form', '--format', 'csv'], 2, /stands twice/, 'two cells of one name'],
  ])('%j ends with %i', async (args, code, says, reason) => {
    const input = args.includes('csv') ? 'a,a\n1,2' : lead('never');
    files.push(join(server.root, 'signalbox.yaml.rejected'));
    const ran = await signalbox(['import', ...args], input);
    expect(ran.code, reason).toBe(code);
    expect(ran.stderr + ran.stdout).toMatch(says);
  });

  test('a file that was changed where it is imported already is not gone on with', async () => {
    const path = await file('changed.ndjson', leads('x-', 600).join('\n'));
    const importing = start(['import', path, '--source', 'form', '--concurrency', '1'], {
      cwd: server.root,
      env: projectEnv,
    });
    await stateOf(path);
    importing.kill('SIGINT');
    expect(await once(importing, 'close')).toEqual([130, null]);
    await writeFile(path, ['{}', ...leads('x-', 600).slice(1)].join('\n'));
    const { code, stderr } = await imported([path]);
    expect([code, stderr]).toEqual([5, expect.stringContaining('--restart')]);
  });
});

/** Resolves when an import has written how far it is. */
async function stateOf(path: string): Promise<{ line: number }> {
  return await expect
    .poll(async () => JSON.parse(await readFile(`${path}.import-state`, 'utf8').catch(() => 'null')), {
      timeout: 60_000,
    })
    .toMatchObject({ line: expect.any(Number) })
    .then(async () => JSON.parse(await readFile(`${path}.import-state`, 'utf8')));
}

const minuteMs = 60_000;
const rows = 1_200;

async function whole(prefix: string): Promise<void> {
  const found = await identities(prefix);
  expect(found).toHaveLength(rows);
  expect(new Set(found).size).toBe(rows);
  const { rows: joined } = await server.database.pool.query(
    'select count(*)::int as n from ticket where starts_with(identity, $1) and joined > 0',
    [prefix],
  );
  expect(joined).toEqual([{ n: 0 }]);
}

describe('what breaks off goes on', () => {
  test('kill -9 of the import, again and again: nothing twice, nothing missing', {
    timeout: 3 * minuteMs,
  }, async () => {
    const bad = '{"no": json}';
    const path = await file('killed.ndjson', [bad, ...leads('kill-', rows), bad].join('\n'));
    for (let round = 0; round < 2; round += 1) {
      const before = await readFile(`${path}.import-state`, 'utf8').catch(() => 'none');
      const importing = start(['import', path, '--source', 'form', '--concurrency', '8'], {
        cwd: server.root,
        env: projectEnv,
      });
      await expect
        .poll(async () => await readFile(`${path}.import-state`, 'utf8').catch(() => 'none'), {
          timeout: 60_000,
        })
        .not.toBe(before);
      importing.kill('SIGKILL');
      await once(importing, 'close');
    }
    const { code, stderr, result } = await imported([path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Going on after line \d+/);
    expect(result).toMatchObject({ rows: rows + 2, routed: rows, joined: 0, rejected: 2 });
    expect(await readFile(`${path}.rejected`, 'utf8')).toBe(`${bad}\n${bad}\n`);
    await whole('kill-');
    await expect(readFile(`${path}.import-state`)).rejects.toThrow('ENOENT');
  });

  test('kill -9 of the server: the import waits, gives up, and goes on when it is back', {
    timeout: 3 * minuteMs,
  }, async () => {
    const project = await testProject(target.url);
    const path = join(project.root, 'leads.ndjson');
    await writeFile(path, leads('lost-', rows).join('\n'));
    const args = ['import', path, '--source', 'form', '--concurrency', '8', '--json'];
    const at = { cwd: project.root, env: projectEnv };
    const first = await startServer(project.root);
    const importing = run([...args, '--patience', '1s'], at);
    await stateOf(path);
    await first.kill();
    expect(await importing).toMatchObject({ code: 6, stderr: expect.stringContaining('goes on from there') });
    const second = await startServer(project.root);
    try {
      const { stdout } = await run(args, at);
      const result = JSON.parse(stdout);
      expect(result).toMatchObject({ rows, rejected: 0, exception: 0, complete: true });
      // What was committed while its answer was lost has the same key, and so the same answer.
      expect(result).toMatchObject({ routed: rows, joined: 0 });
      expect(await ticketsOf(second.url, project.root)).toBe(rows);
    } finally {
      await second.stop();
      await project.remove();
    }
  });
});

async function ticketsOf(url: string, root: string): Promise<number> {
  const { key } = JSON.parse(await readFile(join(root, '.signalbox/server.json'), 'utf8'));
  let count = 0;
  for (let after = ''; ; ) {
    const response = await fetch(`${url}/api/tickets?limit=500${after}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const page = (await response.json()) as { tickets: unknown[]; next: string | null };
    count += page.tickets.length;
    if (page.next === null) return count;
    after = `&after=${page.next}`;
  }
}
