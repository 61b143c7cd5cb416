import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type ErrorCode, isErrorCode } from '../errors.ts';
import { type CommonOptions, projectRoot } from './command.ts';

/** Where a server answers and what it wants to see. */
export interface Address {
  readonly url: string;
  readonly key: string;
}

export interface Client {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
}

/** A server that says nothing is given up after this. A whole `audit verify` is one request. */
const timeoutMs = 120_000;

/**
 * The server of a project: SIGNALBOX_URL with SIGNALBOX_KEY, or `.signalbox/server.json`, which `signalbox up` writes.
 * Throws AppError('unavailable') where neither is there.
 */
export async function addressOf(root: string, env: NodeJS.ProcessEnv): Promise<Address> {
  const { SIGNALBOX_URL: url, SIGNALBOX_KEY: key } = env;
  if (url !== undefined && key !== undefined) return { url: url.replace(/\/+$/, ''), key };
  if (url !== undefined || key !== undefined) {
    throw new AppError('bad_request', 'Only one of SIGNALBOX_URL and SIGNALBOX_KEY is set.', {
      help: 'Set both, or neither to use the project’s own server.',
    });
  }
  const text = await readFile(join(root, '.signalbox', 'server.json'), 'utf8').catch(() => null);
  if (text !== null) return JSON.parse(text) as Address;
  throw new AppError('unavailable', `No server is known for the project in ${root}.`, {
    help: 'Start it with `signalbox up`, or set SIGNALBOX_URL and SIGNALBOX_KEY.',
  });
}

/** The client for a command: the project's server, acting as `--as` or SIGNALBOX_ACTOR says. */
export async function serverClient(options: CommonOptions & { readonly as?: string }): Promise<Client> {
  const address = await addressOf(projectRoot(options), process.env);
  return clientFor(address, options.as ?? process.env.SIGNALBOX_ACTOR);
}

/** Talks to a server's API as `actor` (`person:dana`); every problem it answers comes back as an AppError. */
export function clientFor(address: Address, actor?: string): Client {
  const send = async <T>(path: string, init: RequestInit): Promise<T> => {
    const headers: Record<string, string> = { authorization: `Bearer ${address.key}` };
    if (actor !== undefined) headers['signalbox-actor'] = actor;
    if (init.body !== undefined) headers['content-type'] = 'application/json';
    const response = await ask(address.url + path, { ...init, headers });
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) return body as T;
    throw problemFrom(response.status, body, address.url);
  };
  return {
    url: address.url,
    get: (path) => send(path, {}),
    post: (path, body) => send(path, { method: 'POST', body: JSON.stringify(body) }),
  };
}

/** fetch, with what keeps it from an answer as an AppError that says what to do. */
export async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw silent(url, error);
  }
}

/**
 * What a GET answers, as it comes: for answers of any length. Throws AppError as the server answers, and `unavailable`
 * where it does not begin within the time of any other request, or breaks off before its end.
 */
export async function* openStream({ url, key }: Address, path: string): AsyncGenerator<Buffer> {
  const broken = new AbortController();
  const patience = setTimeout(() => broken.abort(new Error('nothing came')), timeoutMs);
  const init = {
    headers: { authorization: `Bearer ${key}` },
    redirect: 'error' as const,
    signal: broken.signal,
  };
  const response = await fetch(url + path, init)
    .catch((error: unknown) => {
      throw silent(url, error);
    })
    .finally(() => clearTimeout(patience));
  if (!response.ok || response.body === null) {
    throw problemFrom(response.status, await response.json().catch(() => null), url);
  }
  const chunks = response.body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await chunks.next().catch((error: unknown) => {
        throw new AppError(
          'unavailable',
          `The answer of ${url} broke off before its end (${reasonOf(error)}).`,
          {
            help: 'Run it again; if it breaks again, the log of the server says why.',
            cause: error,
          },
        );
      });
      if (done) return;
      yield Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
  } finally {
    // Who has read enough leaves: the server stops reading the database.
    broken.abort();
  }
}

function silent(url: string, error: unknown): AppError {
  return new AppError('unavailable', `Nothing answers at ${new URL(url).origin} (${reasonOf(error)}).`, {
    help: 'Start the server with `signalbox up`; `signalbox doctor` says what is missing.',
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}

/** What a server refused, as an AppError of the code that its problem document names. */
export function problemFrom(status: number, body: unknown, url: string): AppError {
  const { code, detail, help } = (body ?? {}) as { code?: string; detail?: string; help?: string };
  return new AppError(
    codeOf(status, code),
    detail ?? `${url} answered ${status} and is perhaps no Signalbox.`,
    {
      ...(help === undefined ? {} : { help }),
    },
  );
}

function codeOf(status: number, code: string | undefined): ErrorCode {
  if (code !== undefined && isErrorCode(code)) return code;
  return status === 401 ? 'unauthenticated' : status === 404 ? 'not_found' : 'unavailable';
}
