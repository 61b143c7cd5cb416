import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Behaviour, parseBehaviour } from './behaviour.ts';
import { type Effect, openProjects, type Project, type Projects } from './projects.ts';

export interface ProjectToolOptions {
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** Every call carries it: `Authorization: Bearer <token>`. */
  readonly token: string;
  /** JSON lines that outlive a restart; absent: memory only. */
  readonly file?: string;
}

/** A running project tool. */
export interface ProjectTool {
  readonly url: string;
  /** Tells it how to behave from now on. Resolves once it does: `down` when the port is closed, any other when it is open. */
  control(behaviour: Behaviour): Promise<void>;
  records(): readonly Project[];
  /** Every project that was really opened, with the idempotency key of its call. */
  effects(): readonly Effect[];
  close(): Promise<void>;
}

/** Everything that a request needs to know of the tool. */
interface Tool {
  readonly token: string;
  readonly projects: Projects;
  readonly control: (behaviour: Behaviour) => Promise<void>;
  /** How it takes a call for this lead, and one less of it where it was told to misbehave `count` times. */
  readonly spend: (lead: unknown) => Behaviour;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly afterMs?: number;
  readonly twice?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

const bodyBytesMax = 100_000;

/** Project managers by type of project. Nobody manages video yet. */
const managers: Readonly<Record<string, string>> = { web: 'Sam Ortiz', brand: 'Ines Kato' };
const types = ['web', 'brand', 'video'];

/** Starts the project tool that `pm-tool.openapi.yaml` describes, on this machine only. */
export async function startProjectTool(options: ProjectToolOptions): Promise<ProjectTool> {
  const projects = openProjects(options.file);
  let behaviour: Behaviour = { mode: 'well' };
  let back: NodeJS.Timeout | undefined;

  const server = createServer((request, response) => void serve(tool, request, response));
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;

  const control = async (told: Behaviour): Promise<void> => {
    clearTimeout(back);
    behaviour = told;
    if (told.mode !== 'down') return await listen(server, port);
    if (told.forMs !== undefined) back = setTimeout(() => void control({ mode: 'well' }), told.forMs);
    await stop(server);
  };
  const spend = (lead: unknown): Behaviour => {
    const now = behaviour;
    if (now.lead !== undefined && now.lead !== lead) return { mode: 'well' };
    if (now.count !== undefined)
      behaviour = now.count > 1 ? { ...now, count: now.count - 1 } : { mode: 'well' };
    return now;
  };
  const tool: Tool = { token: options.token, projects, control, spend };

  return {
    url: `http://127.0.0.1:${port}`,
    control,
    records: () => projects.list(),
    effects: () => projects.effects(),
    close: async () => {
      clearTimeout(back);
      await stop(server);
    },
  };
}

async function serve(tool: Tool, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const reply = await answer(tool, request);
    if (reply.afterMs === undefined) return send(response, reply);
    const timer = setTimeout(() => send(response, reply), reply.afterMs);
    response.once('close', () => clearTimeout(timer));
  } catch (error) {
    send(response, problem(error instanceof BadBody ? 400 : 500, String(error)));
  }
}

async function answer(tool: Tool, request: IncomingMessage): Promise<Reply> {
  if (request.headers.authorization !== `Bearer ${tool.token}`) {
    return problem(401, 'The token is missing or wrong', { 'www-authenticate': 'Bearer' });
  }
  const url = new URL(request.url ?? '/', 'http://tool');
  const id = /^\/projects\/([^/]+)$/.exec(url.pathname)?.[1];
  const route = `${request.method} ${id === undefined ? url.pathname : '/projects/{id}'}`;
  switch (route) {
    case 'POST /projects':
      return open(tool, request.headers['idempotency-key']?.toString() ?? null, await json(request));
    case 'GET /projects':
      return list(tool.projects, url.searchParams.get('lead'));
    case 'GET /projects/{id}':
      return read(tool.projects, decodeURIComponent(id ?? ''));
    case 'GET /openapi.yaml':
      return { status: 200, body: readFileSync(new URL('../pm-tool.openapi.yaml', import.meta.url), 'utf8') };
    case 'POST /_control':
      return await told(tool, await json(request));
    default:
      return problem(404, `There is no ${route}`);
  }
}

/** Opens a project, well or as the tool was told to misbehave. */
function open(tool: Tool, key: string | null, body: unknown): Reply {
  const wrong = faultOf(body);
  if (wrong !== null) return problem(422, wrong);
  const sent = body as Readonly<Record<string, unknown>>;
  const behaviour = tool.spend(sent.lead);
  if (behaviour.mode === 'unavailable') return problem(503, 'Down for maintenance', { 'retry-after': '1' });
  const first = key === null ? undefined : tool.projects.answerTo(key);
  if (first !== undefined && behaviour.mode !== 'store-twice') return again(first.body, first.project, sent);

  const project: Project = { ...sent, id: tool.projects.nextId(), manager: managerOf(sent.type) };
  for (const kept of keptOf(behaviour, tool, project)) tool.projects.keep({ key, project: kept });
  if (key !== null && behaviour.mode !== 'store-nothing') {
    tool.projects.remember({ key, body: JSON.stringify(sent), project });
  }
  return {
    status: 201,
    body: project,
    headers: { location: `/projects/${project.id}` },
    ...(behaviour.mode === 'slow' ? { afterMs: behaviour.ms } : {}),
    ...(behaviour.mode === 'answer-twice' ? { twice: true } : {}),
  };
}

/** What is really kept of a project that the tool says it has opened. */
function keptOf(behaviour: Behaviour, tool: Tool, project: Project): readonly Project[] {
  switch (behaviour.mode) {
    case 'store-nothing':
      return [];
    case 'store-twice':
      return [project, { ...project, id: tool.projects.nextId() }];
    case 'drop-field': {
      const { [behaviour.field]: _, ...rest } = project;
      return [{ ...rest, id: project.id, manager: managerOf(rest.type) }];
    }
    default:
      return [project];
  }
}

/** A repeated call: the first answer again, or a refusal where its body is another one. */
function again(body: string, project: Project, sent: unknown): Reply {
  if (body !== JSON.stringify(sent)) return problem(422, 'This idempotency key was used with another body');
  return { status: 201, body: project, headers: { 'idempotency-replayed': 'true' } };
}

function list(projects: Projects, lead: string | null): Reply {
  return { status: 200, body: projects.list().filter((project) => lead === null || project.lead === lead) };
}

function read(projects: Projects, id: string): Reply {
  const project = projects.find(id);
  return project === undefined ? problem(404, `There is no project ${id}`) : { status: 200, body: project };
}

/** `POST /_control`: answered before the tool goes down, since it could not be afterwards. */
async function told(tool: Tool, body: unknown): Promise<Reply> {
  const behaviour = parseBehaviour(body);
  if (typeof behaviour === 'string') return problem(422, behaviour);
  if (behaviour.mode === 'down') setImmediate(() => void tool.control(behaviour));
  else await tool.control(behaviour);
  return { status: 200, body: behaviour };
}

function managerOf(type: unknown): string {
  return typeof type === 'string' ? (managers[type] ?? '') : '';
}

function faultOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'A project is a JSON object';
  const { name, type, lead } = body as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') return 'name is missing';
  if (typeof lead !== 'string' || lead === '') return 'lead is missing';
  if (typeof type !== 'string' || !types.includes(type)) return `type is not one of ${types.join(', ')}`;
  return null;
}

class BadBody extends Error {}

async function json(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bodyBytesMax) throw new BadBody(`The body is larger than ${bodyBytesMax} bytes`);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new BadBody('The body is not JSON');
  }
}

function problem(status: number, title: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    body: { title, status },
    headers: { ...headers, 'content-type': 'application/problem+json' },
  };
}

function send(response: ServerResponse, reply: Reply): void {
  const text = typeof reply.body === 'string';
  const type = text ? 'application/yaml' : 'application/json';
  const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
  const socket = response.socket;
  response.writeHead(reply.status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    ...reply.headers,
  });
  response.end(body, () => {
    if (reply.twice)
      socket?.write(
        `HTTP/1.1 201 Created\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
  });
}

async function listen(server: Server, port: number): Promise<void> {
  if (server.listening) return;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
