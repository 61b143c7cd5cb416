import { type IncomingHttpHeaders, request } from 'node:http';

export interface BrowserAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into whatever JSON came
  readonly body: any;
}

/** As much of a browser as a sign-in needs: it keeps cookies, and says where a request comes from. */
export interface Browser {
  get(path: string, headers?: Record<string, string>): Promise<BrowserAnswer>;
  /** `origin: null`: it is not said. */
  post(path: string, body: unknown, headers?: Record<string, string | null>): Promise<BrowserAnswer>;
  send(
    method: string,
    path: string,
    body: unknown,
    headers?: Record<string, string | null>,
  ): Promise<BrowserAnswer>;
  /** Another browser that has stolen the cookies. */
  copy(): Browser;
  /** The session's token. */
  token(): string;
  /** The header that it sends. */
  cookie(): string;
}

export function openBrowser(url: string, cookies = new Map<string, string>()): Browser {
  const cookieHeader = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const send: Browser['send'] = async (method, path, body, given = {}) => {
    const cookie = cookieHeader();
    const all: Record<string, string | null> = {
      ...(method !== 'GET' && { origin: url }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(cookie !== '' && { cookie }),
      ...given,
    };
    const headers = Object.fromEntries(
      Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null),
    );
    const answer = await ask(method, url + path, headers, body === undefined ? null : JSON.stringify(body));
    for (const each of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  return {
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    copy: () => openBrowser(url, new Map(cookies)),
    token: () => [...cookies].find(([, value]) => value.startsWith('sbs_'))?.[1] ?? '',
    cookie: cookieHeader,
  };
}

/** fetch sets some headers by itself, and refuses others: this speaks HTTP directly. */
async function ask(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: string | null,
): Promise<BrowserAnswer> {
  return await new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...headers, connection: 'close' } });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = response.headers['content-type']?.includes('json') === true;
        resolve({
          status: response.statusCode ?? 0,
          headers: headersFrom(response.headers),
          body: isJson ? JSON.parse(text) : text,
        });
      });
    });
    sent.end(body ?? undefined);
  });
}

function headersFrom(from: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(from)) {
    for (const each of [value ?? []].flat()) headers.append(name, each);
  }
  return headers;
}
