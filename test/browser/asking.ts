import type { Page } from 'playwright-core';
import { type App, createApp } from '../../src/app.ts';
import { testDatabase } from '../support/database.ts';
import { formToken, projectEnv, projectFiles, testProject } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';
import { openWindows, type WindowOptions } from './window.ts';

/** A house in which people are asked: two must approve what is dear, somebody confirms what no machine can see, and a contract hides a value. */
export interface AskingHouse {
  /** By its name and not its number: passkeys are for a host name. */
  readonly url: string;
  readonly target: Target;
  /** A browser in which nobody has signed in. */
  open(options?: WindowOptions): Promise<Page>;
  /** A browser of somebody who has signed in by a link; the roles are those of a new account. */
  signedIn(person: string, roles?: readonly string[], options?: WindowOptions): Promise<Page>;
  /** Makes somebody known without signing them in. */
  linkFor(person: string, roles: readonly string[]): Promise<string>;
  /** Hands a lead in. Returns its ticket. */
  send(lead: Readonly<Record<string, unknown>>, source?: string): Promise<string>;
  close(): Promise<void>;
}

export async function openAsking(): Promise<AskingHouse> {
  const target = await startTarget();
  const database = await testDatabase();
  const project = await testProject(target.url, askingFiles(target.url));
  const windows = openWindows();
  const env = { ...projectEnv, SHOP_SECRET: 'shop-secret-for-tests' };
  const app: App = createApp({ root: project.root, databaseUrl: database.ownerUrl, env, logLevel: 'silent' });
  const { url: bound, key } = await app.start();
  const url = bound.replace('127.0.0.1', 'localhost');

  const post = async (path: string, body: unknown) => {
    const response = await fetch(bound + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, string>;
  };
  const linkFor: AskingHouse['linkFor'] = async (person, roles) => {
    const { url: link = '' } = await post(`/api/accounts/${person}/link`, { roles });
    return link.replace('127.0.0.1', 'localhost');
  };
  return {
    url,
    target,
    open: windows.open,
    linkFor,
    async signedIn(person, roles = ['administrator'], options) {
      const page = await windows.open(options);
      await page.goto(await linkFor(person, roles));
      await page.getByRole('heading', { level: 1, name: /^Today/ }).waitFor();
      return page;
    },
    async send(lead, source = 'form') {
      const payload = { name: 'Ada Lind', project_type: 'web', budget: 5_000, ...lead };
      const { ticket = '' } = await post('/api/triggers', { source, payload });
      return ticket;
    },
    async close() {
      await windows.close();
      await app.stop();
      await target.close();
      await project.remove();
      await database.close();
    },
  };
}

function askingFiles(targetUrl: string): Record<string, string> {
  const files = projectFiles(targetUrl);
  const project = files['signalbox.yaml'] ?? '';
  const leads = files['workflows/leads.yaml'] ?? '';
  const contract = JSON.parse(files['contracts/lead.schema.json'] ?? '{}');
  contract.properties.card = { type: 'string', 'x-redact': true };
  const approval =
    '{ when: ticket.budget > 50000.0, by: team:finance, within: 4h, approvals: 2, four_eyes: true, alternate: person:mia }';
  const proof = leads.slice(leads.indexOf('    outcome:'), leads.indexOf('exceptions:'));
  const word = `    outcome:
      confirm: { by: team:finance, checklist: [The invoice is there, The customer was told] }
      within: 2h
`;
  return {
    'signalbox.yaml': project
      .replace(
        'teams:',
        `  mia: { name: Mia Sand, email: mia@example.com, away: [{ from: 2026-01-01, until: 2099-12-31, cover: person:dana }] }
  vic: { name: Vic Moor }
teams:
  finance: { name: Finance, members: [dana, omar, vic] }`,
      )
      .replace(
        'destinations:',
        `  shop: { summary: The shop, owner: team:web, verify: { scheme: github, secret: { env: SHOP_SECRET } } }\ndestinations:`,
      ),
    'contracts/lead.schema.json': JSON.stringify(contract),
    'workflows/leads.yaml': leads.replace('    retry:', `    approval: ${approval}\n    retry:`),
    'workflows/orders.yaml': leads
      .replace('workflow: leads', 'workflow: orders')
      .replace('source: form', 'source: shop')
      .replace('root_causes: [sender-changed-form, human-error]', 'root_causes: [human-error]')
      .replace(proof, word),
  };
}

/** The token that the form sends, for who pastes a delivery of it. */
export const bearer = `authorization: Bearer ${formToken}`;
