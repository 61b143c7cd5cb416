import { createHmac } from 'node:crypto';
import { expect, vi } from 'vitest';
import type { Answer, TestApp } from './app.ts';
import { formToken, projectFiles } from './project.ts';

/** A project whose workflows prove their handoffs, or have them approved, each in its own way; and what its tests do with it. */

/** A source and a workflow of each name, whose only handoff goes to `POST /records` of the target. `handoff`: the rest of it, YAML. */
export function proofFiles(
  targetUrl: string,
  handoffs: Readonly<Record<string, string>>,
): Record<string, string> {
  const files = projectFiles(targetUrl);
  const [leads = '', project = ''] = [files['workflows/leads.yaml'], files['signalbox.yaml']];
  const names = Object.keys(handoffs);
  const source = (key: string) =>
    `  ${key}: { summary: ${key}, owner: person:dana, verify: { scheme: github, secret: { env: FORM_TOKEN } } }`;
  const before = leads.slice(leads.indexOf('summary:'), leads.indexOf('handoffs:'));
  const after = leads.slice(leads.indexOf('exceptions:'));
  const workflow = (name: string) =>
    `workflow: ${name}\n${before.replace('source: form', `source: ${name}`)}handoffs:\n  - id: create-record\n    to: tool\n    operation: POST /records\n${handoffs[name]}\n${after}`;
  return {
    'signalbox.yaml': project.replace(
      'destinations:',
      `${[...names, 'tool-events'].map(source).join('\n')}\ndestinations:`,
    ),
    ...Object.fromEntries(names.map((name) => [`workflows/${name}.yaml`, workflow(name)])),
  };
}

/** Hands a lead in to a workflow of its name. Returns its ticket's id. */
export async function handIn(server: TestApp, source: string, id: string): Promise<string> {
  const payload = { lead_id: id, name: `Lead ${id}`, project_type: 'web', budget: 5000 };
  const answer = await server.call('/api/triggers', { source, payload });
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  return answer.body.ticket;
}

// biome-ignore lint/suspicious/noExplicitAny: stories look into all of it
type Story = any;

export async function storyOf(server: TestApp, ticket: string): Promise<Story> {
  return (await server.get(`/api/tickets/${ticket}`)).body;
}

/** The ticket's story once its handoff stands so. */
export async function handoffIs(server: TestApp, ticket: string, state: string): Promise<Story> {
  return await vi.waitFor(
    async () => {
      const story = await storyOf(server, ticket);
      const found = story.handoffs.at(-1)?.state;
      if (found !== state) throw new Error(`it is ${found}, not ${state}`);
      return story;
    },
    { timeout: 10_000, interval: 25 },
  );
}

/** Resolves when the ticket's chain has an entry of a kind. */
export async function told(server: TestApp, ticket: string, kind: string): Promise<void> {
  const kinds = async () => kindsOf(await storyOf(server, ticket));
  await expect.poll(kinds, { timeout: 10_000 }).toContain(kind);
}

export function kindsOf(story: Story): string[] {
  return story.entries.map(({ kind }: { kind: string }) => kind);
}

/** Calls an address back, as a target does. */
export async function callBack(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The headers by which a source signs, as GitHub does. */
export function signed(body: string, secret = formToken): Record<string, string> {
  return { 'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` };
}
