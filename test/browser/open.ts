import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { type App, createApp } from '../../src/app.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { formToken, projectEnv, testProject } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';
import { openWindows, type WindowOptions } from './window.ts';

export { expectNoComplaints } from './window.ts';

/** The whole of it: a target, Signalbox with its console, and a browser. */
export interface OpenedConsole {
  readonly url: string;
  readonly target: Target;
  readonly database: TestDatabase;
  /** A new browser of somebody who has just signed in by their link. */
  signedIn(person: string, options?: WindowOptions): Promise<Page>;
  /** Sends a lead as the form does; returns the ticket. */
  send(lead: Readonly<Record<string, unknown>>): Promise<string>;
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  close(): Promise<void>;
}

export async function openConsole(): Promise<OpenedConsole> {
  const target = await startTarget();
  const database = await testDatabase();
  const project = await testProject(target.url);
  const windows = openWindows();
  let app: App;
  let url = '';
  let key = '';
  const startServer = async () => {
    const port = url === '' ? 0 : Number(new URL(url).port);
    const options = { root: project.root, databaseUrl: database.ownerUrl, env: projectEnv };
    app = createApp({ ...options, port, logLevel: 'silent' });
    ({ url, key } = await app.start());
  };
  await startServer();

  const post = async (path: string, body: unknown, token: string) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, string>;
  };
  return {
    url,
    target,
    database,
    async signedIn(person, options) {
      const link = await post(`/api/accounts/${person}/link`, { roles: ['administrator'] }, key);
      const page = await windows.open(options);
      await page.goto(link.url ?? '');
      await page.getByRole('heading', { level: 1, name: /^Today/ }).waitFor();
      return page;
    },
    async send(lead) {
      const { ticket = '' } = await post('/in/form', lead, formToken);
      return ticket;
    },
    stopServer: () => app.stop(),
    startServer,
    async close() {
      await windows.close();
      await app.stop();
      await target.close();
      await project.remove();
      await database.close();
    },
  };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds against WCAG 2.2 AA, in words. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return await page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: { run: (options: unknown) => Promise<Results> } }).axe.run;
    interface Results {
      readonly violations: readonly {
        readonly id: string;
        readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
      }[];
    }
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await run({ runOnly: { type: 'tag', values } });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
    );
  });
}
