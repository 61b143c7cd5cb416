import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { type ConsoleFile, createConsoleFiles } from './console-files.ts';
import { htmlText, page } from './page.ts';

/** What the console's page writes where a style of its own has to prove that it is; replaced anew in each answer. */
const nonceMark = '__CSP_NONCE__';

/** GET /…: the console's files, and its page for each of its own addresses. */
export const consoleRoutes: FastifyPluginAsync<{
  readonly files?: ReturnType<typeof createConsoleFiles>;
}> = async (app, { files = createConsoleFiles() }) => {
  app.get('/*', { schema: { hide: true } }, async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    // What is missing there is missing, and no page.
    if (/^\/(api|in|health)(\/|$)/.test(path)) return reply.callNotFound();
    const built = files();
    const asked = built?.get(path);
    if (asked !== undefined && path !== '/index.html') return sendFile(request, reply, asked);
    if (/\.\w{1,12}$/.test(path) || !wantsPage(request)) return reply.callNotFound();
    const index = built?.get('/index.html');
    return index === undefined ? sendUnbuilt(reply) : sendPage(reply, index.body.toString('utf8'));
  });
};

function wantsPage(request: FastifyRequest): boolean {
  return request.url === '/' || request.headers.accept?.includes('text/html') === true;
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: ConsoleFile): FastifyReply {
  reply.headers({
    'content-type': file.type,
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const zipped = file.gzip !== null && /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '');
  if (!zipped) return reply.send(file.body);
  return reply.header('content-encoding', 'gzip').send(file.gzip);
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return reply
    .headers({ 'content-security-policy': consolePolicy(nonce), 'cache-control': 'no-store' })
    .type('text/html; charset=utf-8')
    .send(html.replaceAll(nonceMark, nonce));
}

/**
 * Only what this server sends is run, loaded or asked. Payloads are foreign text: should one ever become markup, nothing in it
 * runs. Attributes `style` are allowed: drawings set them, and they load nothing that this does not allow.
 */
function consolePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function sendUnbuilt(reply: FastifyReply): FastifyReply {
  return page(reply.code(200), 'Signalbox', [
    '<h1>Signalbox is up. Its console is not built.</h1>',
    `<p>In the folder of the repository:</p><pre>${htmlText('npm run build')}</pre>`,
    '<p>Then load this page again; the published package has it built.</p>',
    '<p><a href="/docs">The API</a> answers, and so does the command line: <code>signalbox exceptions list</code>.</p>',
  ]);
}
