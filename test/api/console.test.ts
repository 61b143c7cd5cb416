import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consoleRoutes } from '../../src/api/console.ts';
import { createConsoleFiles } from '../../src/api/console-files.ts';
import { problemHandlers } from '../../src/api/problem.ts';
import { temporaryFolder } from '../support/folder.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder('signalbox-console-');
  await mkdir(join(folder, 'assets'));
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__">',
  );
  await writeFile(join(folder, 'assets/a.js'), 'export const a = 1;'.repeat(100));
  await writeFile(join(folder, 'assets/a.js.map'), '{}');
});
afterAll(async () => await rm(folder, { recursive: true }));

async function consoleAt(candidates: string[]) {
  const app = Fastify();
  problemHandlers(app);
  await app.register(consoleRoutes, { files: createConsoleFiles(candidates) });
  return app;
}

describe('a built console', () => {
  test.each([
    ['/', '', 200, 'the page'],
    ['/exceptions/abc/1', 'text/html', 200, 'its own address'],
    ['/exceptions', 'application/json', 404, 'a program that asks for a page'],
    ['/assets/a.js', '*/*', 200, 'a file'],
    ['/assets/b.js', 'text/html', 404, 'a file that is not there'],
    ['/assets/a.js.map', '*/*', 404, 'what is for who builds it'],
    ['/../package.json', '*/*', 404, 'outside'],
    ['/%2e%2e/package.json', '*/*', 404, 'outside, written otherwise'],
    ['/api/nosuch', 'text/html', 404, 'the API has no pages'],
  ])('GET %s (%s) is %i: %s', async (url, accept, status) => {
    const app = await consoleAt([folder]);
    expect((await app.inject({ url, headers: { accept } })).statusCode).toBe(status);
  });

  test('runs its own scripts alone, and styles that know the answer’s nonce', async () => {
    const app = await consoleAt([folder]);
    const [one, two] = [await app.inject('/'), await app.inject('/')];
    const policy = String(one.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '-';
    expect(one.body).toContain(`content="${nonce}"`);
    expect(two.body).not.toContain(nonce);
  });

  test('is sent small, and once', async () => {
    const app = await consoleAt([folder]);
    const sent = await app.inject({ url: '/assets/a.js', headers: { 'accept-encoding': 'gzip, br' } });
    expect(sent.headers).toMatchObject({
      'content-encoding': 'gzip',
      'cache-control': expect.stringMatching(/immutable/),
    });
    expect(gunzipSync(sent.rawPayload).toString()).toMatch(/^export/);
    const again = await app.inject({
      url: '/assets/a.js',
      headers: { 'if-none-match': String(sent.headers.etag) },
    });
    expect(again.statusCode).toBe(304);
  });
});

test('without a build the page says how to make one', async () => {
  const app = await consoleAt([join(folder, 'nosuch')]);
  const answer = await app.inject('/');
  expect(answer.body).toContain('npm run build');
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
});
