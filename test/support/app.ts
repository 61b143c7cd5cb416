import { type App, createApp } from '../../src/app.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { formToken, projectEnv, testProject } from './project.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly body: any;
}

/** The whole server in this process, on a database of its own, reached over HTTP as anybody reaches it. */
export interface TestApp {
  readonly app: App;
  readonly url: string;
  readonly root: string;
  readonly database: TestDatabase;
  /** Sends a body as the form does. */
  post(body: string | Uint8Array, headers?: Record<string, string>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** What a path of the API answers, as it comes. */
  bytes(path: string): Promise<Buffer>;
  /** Posts JSON to the API, with the key. */
  call(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  act(ticket: string, seq: number, body: Record<string, unknown>, actor?: string): Promise<Answer>;
  stop(): Promise<void>;
}

export async function testApp(
  targetUrl: string,
  options: {
    readonly files?: Record<string, string>;
    readonly clock?: Clock;
    readonly deployedOnly?: boolean;
  } = {},
): Promise<TestApp> {
  const database = await testDatabase();
  const project = await testProject(targetUrl, options.files);
  const app = createApp({
    root: project.root,
    databaseUrl: database.ownerUrl,
    env: projectEnv,
    logLevel: 'silent',
    ...(options.clock && { clock: options.clock }),
    ...(options.deployedOnly && { deployedOnly: true }),
  });
  const { url, key } = await app.start();
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  const local = { authorization: `Bearer ${key}` };
  const call: TestApp['call'] = (path, body, headers = {}) =>
    ask(path, {
      method: 'POST',
      headers: { ...local, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    app,
    url,
    root: project.root,
    database,
    post: (body, headers = {}) =>
      ask('/in/form', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${formToken}`, ...headers },
        body: typeof body === 'string' ? body : new Uint8Array(body),
      }),
    get: (path) => ask(path, { headers: local }),
    bytes: async (path) => Buffer.from(await (await fetch(url + path, { headers: local })).arrayBuffer()),
    call,
    act: (ticket, seq, body, actor = 'person:dana') =>
      call(`/api/exceptions/${ticket}/${seq}/acts`, body, { 'signalbox-actor': actor }),
    async stop() {
      await app.stop();
      await project.remove();
      await database.close();
    },
  };
}
