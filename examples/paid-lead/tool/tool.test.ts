import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseBehaviour } from './behaviour.ts';
import { type ProjectTool, type ProjectToolOptions, startProjectTool } from './server.ts';

const token = 'test-token';
const lead = { name: 'Lead Ada', type: 'web', lead: 'l-1' };
const running: ProjectTool[] = [];

async function start(options: Partial<ProjectToolOptions> = {}): Promise<ProjectTool> {
  const tool = await startProjectTool({ token, ...options });
  running.push(tool);
  return tool;
}

async function call(tool: ProjectTool, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${tool.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

const open = (tool: ProjectTool, key = 'key-1', body: unknown = lead) =>
  call(tool, '/projects', body, { 'idempotency-key': key });

afterEach(async () => {
  await Promise.all(running.splice(0).map((tool) => tool.close()));
});

describe('a tool that behaves', () => {
  it('opens a project, names its manager by type, and reads it back', async () => {
    const tool = await start();
    const opened = await open(tool);
    expect(opened.status).toBe(201);
    expect(opened.body).toEqual({ ...lead, id: 'P-1', manager: 'Sam Ortiz' });
    expect(opened.headers.get('location')).toBe('/projects/P-1');
    expect((await call(tool, '/projects/P-1')).body).toEqual(opened.body);
    expect((await open(tool, 'key-2', { ...lead, type: 'brand' })).body.manager).toBe('Ines Kato');
    expect((await open(tool, 'key-3', { ...lead, type: 'video' })).body.manager).toBe('');
  });

  it('lists projects, all or those of one lead', async () => {
    const tool = await start();
    await open(tool, 'a');
    await open(tool, 'b', { ...lead, lead: 'l-2' });
    expect((await call(tool, '/projects')).body).toHaveLength(2);
    expect((await call(tool, '/projects?lead=l-2')).body).toMatchObject([{ id: 'P-2' }]);
  });

  it('answers a repeated call as the first, with one effect', async () => {
    const tool = await start();
    const first = await open(tool);
    const second = await open(tool);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(tool.effects()).toEqual([{ key: 'key-1', project: first.body }]);
  });

  it.each<[path: string, body: unknown, key: string, status: number, reason: string]>([
    ['/projects', lead, 'key-1', 422, 'a key with another body than its first'],
    ['/projects', { ...lead, type: 'garden' }, 'k', 422, 'a type it does not know'],
    ['/projects', { type: 'web', lead: 'l' }, 'k', 422, 'no name'],
    ['/projects', [], 'k', 422, 'not an object'],
    ['/projects', '{', 'k', 400, 'not JSON'],
    ['/projects', 'x'.repeat(100_001), 'k', 400, 'too large'],
    ['/nowhere', lead, 'k', 404, 'no such address'],
    ['/_control', { mode: 'odd' }, 'k', 422, 'no such behaviour'],
  ])('refuses %s %.30j (%s) with %i: %s', async (path, body, key, status) => {
    const tool = await start();
    await open(tool, 'key-1', { ...lead, name: 'Another' });
    expect((await call(tool, path, body, { 'idempotency-key': key })).status).toBe(status);
    expect(tool.effects()).toHaveLength(1);
  });

  it('refuses a wrong token and knows no project it has not opened', async () => {
    const tool = await start();
    expect((await call(tool, '/projects', undefined, { authorization: 'Bearer odd' })).status).toBe(401);
    expect((await call(tool, '/projects/P-9')).status).toBe(404);
  });

  it('serves the document that describes it', async () => {
    const tool = await start();
    const document = parse((await call(tool, '/openapi.yaml')).body);
    expect(document.paths['/projects'].post.operationId).toBe('createProject');
  });

  it('remembers projects, answers and ids in its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'project-tool-'));
    const file = join(folder, 'tool.jsonl');
    const before = await start({ file });
    const first = await open(before);
    await before.close();

    const after = await start({ file });
    expect((await open(after)).body).toEqual(first.body);
    expect(after.effects()).toHaveLength(1);
    expect((await open(after, 'key-2')).body.id).toBe('P-2');
    rmSync(folder, { recursive: true });
  });
});

describe('a tool told to misbehave', () => {
  it('drop-field: says 201 with the whole, keeps it without the field', async () => {
    const tool = await start();
    await tool.control({ mode: 'drop-field', field: 'type', count: 1 });
    expect((await open(tool)).body).toEqual({ ...lead, id: 'P-1', manager: 'Sam Ortiz' });
    expect((await call(tool, '/projects/P-1')).body).toEqual({
      name: lead.name,
      lead: lead.lead,
      id: 'P-1',
      manager: '',
    });
    await open(tool, 'key-2');
    expect((await call(tool, '/projects/P-2')).body.type).toBe('web');
  });

  it('store-nothing: says 201, keeps nothing, and opens it when called again', async () => {
    const tool = await start();
    await tool.control({ mode: 'store-nothing', count: 1 });
    expect((await open(tool)).status).toBe(201);
    expect((await call(tool, '/projects/P-1')).status).toBe(404);
    expect(tool.records()).toEqual([]);
    await open(tool);
    expect(tool.records()).toHaveLength(1);
  });

  it('store-twice: two effects for one call', async () => {
    const tool = await start();
    await tool.control({ mode: 'store-twice' });
    await open(tool);
    expect(tool.effects().map((effect) => effect.key)).toEqual(['key-1', 'key-1']);
  });

  it('answer-twice: a second answer follows on the connection', async () => {
    const tool = await start();
    await tool.control({ mode: 'answer-twice' });
    const text = await rawAnswer(tool, JSON.stringify(lead));
    expect(text.match(/HTTP\/1\.1 201/g)).toHaveLength(2);
    expect(tool.effects()).toHaveLength(1);
  });

  it('slow: keeps the project at once and says so late', async () => {
    const tool = await start();
    await tool.control({ mode: 'slow', ms: 60_000, count: 1 });
    const patience = new AbortController();
    const late = fetch(`${tool.url}/projects`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': 'key-1' },
      body: JSON.stringify(lead),
      signal: patience.signal,
    });
    await expect.poll(() => tool.effects().length).toBe(1);
    patience.abort();
    await expect(late).rejects.toThrow();
    expect((await open(tool)).headers.get('idempotency-replayed')).toBe('true');
  });

  it('unavailable: says 503 so many times, then is well', async () => {
    const tool = await start();
    await call(tool, '/_control', { mode: 'unavailable', count: 2 });
    const statuses = [await open(tool), await open(tool), await open(tool)].map((reply) => reply.status);
    expect(statuses).toEqual([503, 503, 201]);
  });

  it('takes the calls for other leads well where it was told of one', async () => {
    const tool = await start();
    await call(tool, '/_control', { mode: 'unavailable', count: 1, lead: 'l-2' });
    const statuses = [await open(tool, 'a'), await open(tool, 'b', { ...lead, lead: 'l-2' })].map(
      ({ status }) => status,
    );
    expect(statuses).toEqual([201, 503]);
  });

  it('down: refuses connections until told otherwise, at the same address', async () => {
    const tool = await start();
    await tool.control({ mode: 'down' });
    await expect(open(tool)).rejects.toThrow('fetch failed');
    await tool.control({ mode: 'well' });
    expect((await open(tool)).status).toBe(201);
  });

  it('down by address: answers first, and comes back by itself', async () => {
    const tool = await start();
    expect((await call(tool, '/_control', { mode: 'down', forMs: 50 })).status).toBe(200);
    await expect.poll(async () => (await open(tool).catch(() => ({ status: 0 }))).status).toBe(201);
  });

  it.each<[value: unknown, reason: string]>([
    [null, 'not an object'],
    [{ mode: 'drop-field' }, 'no field'],
    [{ mode: 'slow', ms: -1 }, 'a negative wait'],
    [{ mode: 'down' }, 'down for ever'],
    [{ mode: 'well', count: 0 }, 'no times'],
    [{ mode: 'well', count: 1.5 }, 'half a time'],
    [{ mode: 'well', lead: 7 }, 'a lead that is a number'],
  ])('does not take %j: %s', (value) => {
    expect(parseBehaviour(value)).toBeTypeOf('string');
  });
});

it('runs by itself', async () => {
  const env = { ...process.env, PM_TOOL_PORT: '0', PM_TOOL_TOKEN: token };
  const child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], { env });
  const [said] = await once(child.stdout, 'data');
  const url = /http:\S+/.exec(String(said))?.[0];
  const { status } = await fetch(`${url}/projects`, { headers: { authorization: `Bearer ${token}` } });
  expect(status).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
});

/** Everything that the tool says on one connection, until it has been silent after two answers. */
async function rawAnswer(tool: ProjectTool, body: string): Promise<string> {
  const { hostname, port } = new URL(tool.url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  socket.write(
    `POST /projects HTTP/1.1\r\nhost: tool\r\nauthorization: Bearer ${token}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  let text = '';
  for await (const part of socket as AsyncIterable<Buffer>) {
    text += part.toString();
    if (text.split('"manager"').length === 3) break;
  }
  return text;
}
