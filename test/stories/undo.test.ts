import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type TestApp, testApp } from '../support/app.ts';
import { projectFiles } from '../support/project.ts';
import { handIn, kindsOf, storyOf } from '../support/proofs.ts';
import { startTarget, type Target } from '../support/target.ts';

/** What one system has done is taken back where the rest of the work fails: proved like everything else, and last things first. */

const undo = (when: string, to = '') => `
    undo:
      when: ${when}${to}
      operation: DELETE /records/{id}
      with: { id: response.id }
      retry: { attempts: 2, for: 1h }
      outcome: { read: 'GET /records/{id}', with: { id: response.id }, gone: true, within: 30s }`;

const proof = `
    outcome: { read: 'GET /records/{id}', with: { id: response.id }, same: [name], within: 30s }`;
const step = (id: string, to: string, after: string, more: string) => `
  - id: ${id}
    to: ${to}
    operation: POST /records
    body: { name: ticket.name, type: '"${id}"' }
    after: [${after}]
    retry: { attempts: 1, for: 1h }${more}${proof}`;

/** A project, then an account in it, then the bill, which another system may refuse; a note is sent when it is paid. */
const chain = (when: string, to = '') =>
  [
    step('project', 'tool', '', undo(when, to)),
    step('account', 'tool', 'project', undo(when)),
    step('bill', 'billing', 'account', ''),
    step('note', 'tool', 'bill', ''),
  ].join('');

let target: Target;
let billing: Target;
let server: TestApp;

function files(): Record<string, string> {
  const all = projectFiles(target.url);
  const [leads = '', project = ''] = [all['workflows/leads.yaml'], all['signalbox.yaml']];
  const workflow = (name: string, handoffs: string) =>
    `${
      leads
        .replace('workflow: leads', `workflow: ${name}`)
        .replace('source: form', `source: ${name}`)
        .split('handoffs:')[0]
    }handoffs:${handoffs}\n${leads.slice(leads.indexOf('exceptions:'))}`;
  const source = (key: string) =>
    `  ${key}: { summary: ${key}, owner: person:dana, verify: { scheme: none } }\n`;
  return {
    'signalbox.yaml': project.replace(
      'destinations:\n',
      `${source('at-once')}${source('given-up')}${source('unmade')}${source('by-admin')}destinations:\n  admin: { summary: May delete what the tool may not, url: '${target.url}/admin', auth: { scheme: none }, allow_private: true, timeout: 2s }\n  billing: { summary: Bills, url: '${billing.url}', auth: { scheme: none }, allow_private: true, timeout: 2s }\n`,
    ),
    'workflows/at-once.yaml': workflow('at-once', chain('refused')),
    'workflows/given-up.yaml': workflow('given-up', chain('abandoned')),
    'workflows/by-admin.yaml': workflow('by-admin', chain('refused', '\n      to: admin')),
    'workflows/unmade.yaml': workflow(
      'unmade',
      chain('refused').replace(
        'with: { id: response.id }\n      retry',
        'with: { id: response.number }\n      retry',
      ),
    ),
  };
}

beforeAll(async () => {
  [target, billing] = await Promise.all([startTarget(), startTarget()]);
  server = await testApp(target.url, { files: files() });
});
beforeEach(() => billing.behave('invalid'));
afterEach(() => target.behave('ok'));
afterAll(async () => {
  await server.stop();
  await Promise.all([target.close(), billing.close()]);
});

// biome-ignore lint/suspicious/noExplicitAny: stories look into all of it
type Story = any;

async function storyWhen(ticket: string, holds: (story: Story) => boolean): Promise<Story> {
  return await vi.waitFor(
    async () => {
      const story = await storyOf(server, ticket);
      if (!holds(story)) throw new Error(JSON.stringify(statesOf(story)));
      return story;
    },
    { timeout: 15_000, interval: 25 },
  );
}

const statesOf = (story: Story) =>
  story.handoffs.map(({ handoff, state }: { handoff: string; state: string }) => `${handoff} ${state}`);
const isOpen = (seq: number) => (story: Story) => story.exceptions[seq - 1]?.state === 'open';
const has =
  (...lines: string[]) =>
  (story: Story) =>
    lines.every((line) => statesOf(story).includes(line));

async function resolve(ticket: string, seq: number, how: Record<string, unknown>) {
  await server.act(ticket, seq, { act: 'claim' });
  const story = await storyOf(server, ticket);
  for (const index of story.exceptions[seq - 1].checklist.keys())
    await server.act(ticket, seq, { act: 'tick', index });
  return await server.act(ticket, seq, { act: 'resolve', root_cause: 'human-error', ...how });
}

describe('when: refused', () => {
  test('a refusal takes back what came before it, last things first, and its exception says so', async () => {
    const before = target.deleted.length;
    const ticket = await handIn(server, 'at-once', 'r1');
    const story = await storyWhen(ticket, has('project.undo confirmed'));
    expect(statesOf(story)).toEqual([
      'project confirmed',
      'account confirmed',
      'bill failed',
      'note cancelled',
      'account.undo confirmed',
      'project.undo confirmed',
    ]);
    const ids = story.handoffs.slice(0, 2).map(({ response }: Story) => response.id);
    expect(target.deleted.slice(before)).toEqual([`/records/${ids[1]}`, `/records/${ids[0]}`]);
    expect(ids.some((id: string) => target.records.has(id))).toBe(false);
    const [exception] = story.exceptions;
    expect(exception).toMatchObject({
      mode: 'rejected',
      state: 'open',
      detail: { undoing: ['account', 'project'] },
    });
    expect(exception.summary).toContain('being undone: account, project');
    const keys = story.handoffs.map((each: Story) => each.idempotency_key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(story.handoffs[4]).toMatchObject({
      undoes: 2,
      outcome: { state: 'confirmed' },
      attempts: [{ result: 'accepted' }],
    });
    // Nothing is left that could be tried again: what it came after is gone.
    const again = await resolve(ticket, 1, { resolution: 'retry' });
    expect(again).toMatchObject({ status: 409, body: { detail: expect.stringContaining('undone') } });
    // A replay does all of it anew.
    billing.behave('ok');
    expect((await resolve(ticket, 1, { resolution: 'replay' })).status).toBe(200);
    const anew = await storyWhen(ticket, ({ ticket: { state } }) => state === 'done');
    expect(statesOf(anew).slice(6)).toEqual([
      'project confirmed',
      'account confirmed',
      'bill confirmed',
      'note confirmed',
    ]);
  });

  test('an undo that is refused is an exception of its own; what comes before it waits for a person', async () => {
    target.behave('keeps_all');
    const ticket = await handIn(server, 'at-once', 'r2');
    const failed = await storyWhen(ticket, has('account.undo failed'));
    expect(statesOf(failed)).toContain('project.undo waiting');
    expect(failed.exceptions[1]).toMatchObject({ handoff_seq: 5, mode: 'rejected' });
    expect(failed.exceptions[1].summary).toMatch(/^It still stands in tool, not undone: /);
    target.behave('ok');
    expect((await resolve(ticket, 2, { resolution: 'retry' })).status).toBe(200);
    const story = await storyWhen(ticket, has('project.undo confirmed'));
    expect(story.handoffs.at(-1).idempotency_key).toBe(story.handoffs[4].idempotency_key);
  });

  test('another destination takes it back where the workflow says so; where it fails, its exception says where it stands', async () => {
    target.behave('keeps_all');
    const before = target.deleted.length;
    const ticket = await handIn(server, 'by-admin', 'o1');
    const failed = await storyWhen(ticket, has('account.undo failed'));
    target.behave('ok');
    expect((await resolve(ticket, 2, { resolution: 'retry' })).status).toBe(200);
    const story = await storyWhen(ticket, has('project.undo confirmed'));
    expect(failed.exceptions[1].summary).toMatch(/^It still stands in tool/);
    const ids = story.handoffs.slice(0, 2).map(({ response }: Story) => response.id);
    expect(target.deleted.slice(before)).toEqual([`/records/${ids[1]}`, `/admin/records/${ids[0]}`]);
    const undone = story.handoffs.filter(({ undoes }: Story) => undoes !== null);
    expect(undone.map(({ handoff, destination }: Story) => `${handoff} ${destination}`)).toEqual([
      'account.undo tool',
      'project.undo admin',
      'account.undo tool',
    ]);
    target.behave('keeps_all');
    const other = await handIn(server, 'by-admin', 'o2');
    await storyWhen(other, has('account.undo failed'));
    const by = { resolution: 'confirm', evidence: 'I deleted the account' };
    expect((await resolve(other, 2, by)).status).toBe(200);
    const stuck = await storyWhen(other, has('project.undo failed'));
    expect(stuck.exceptions[2].summary).toMatch(/^It still stands in tool, not undone: /);
    expect(stuck.exceptions[2].detail).toMatchObject({ destination: 'admin' });
  });

  test('an undo that cannot be made of the answer says so, and is taken as done by a person alone', async () => {
    const ticket = await handIn(server, 'unmade', 'u1');
    const story = await storyWhen(ticket, has('project.undo failed'));
    const seq = story.exceptions.findIndex(({ mode }: Story) => mode === 'transform_failed') + 1;
    expect(story.exceptions[seq - 1].summary).toContain('still stands in tool');
    const asked = target.deleted.length;
    expect(await resolve(ticket, seq, { resolution: 'retry' })).toMatchObject({ status: 409 });
    expect((await resolve(ticket, seq, { resolution: 'confirm', evidence: 'I deleted it' })).status).toBe(
      200,
    );
    expect(target.deleted).toHaveLength(asked);
  });
});

describe('when: abandoned', () => {
  test('a refusal leaves all as it is, so that a retry goes on; a discard takes it back', async () => {
    const ticket = await handIn(server, 'given-up', 'a1');
    const story = await storyWhen(ticket, isOpen(1));
    expect(story.exceptions[0].detail).toMatchObject({ undone_if_given_up: ['account', 'project'] });
    expect(statesOf(story)).toEqual([
      'project confirmed',
      'account confirmed',
      'bill failed',
      'note waiting',
    ]);
    expect((await resolve(ticket, 1, { resolution: 'retry' })).status).toBe(200);
    await storyWhen(ticket, isOpen(2));
    const before = target.deleted.length;
    expect((await resolve(ticket, 2, { resolution: 'discard', reason: 'the client is gone' })).status).toBe(
      200,
    );
    const gone = await storyWhen(ticket, has('project.undo confirmed', 'account.undo confirmed'));
    expect(gone.ticket.state).toBe('discarded');
    expect(statesOf(gone)).toContain('note cancelled');
    expect(target.deleted.slice(before)).toHaveLength(2);
    expect(kindsOf(gone).filter((kind) => kind === 'handoff_promised')).toHaveLength(7);
  });

  test('a replay first takes back what the decision before it did, and then does it anew', async () => {
    const ticket = await handIn(server, 'given-up', 'a2');
    const first = await storyWhen(ticket, isOpen(1));
    const old = first.handoffs.slice(0, 2).map(({ response }: Story) => response.id);
    billing.behave('ok');
    expect((await resolve(ticket, 1, { resolution: 'replay' })).status).toBe(200);
    const story = await storyWhen(ticket, ({ ticket: { state } }) => state === 'done');
    expect(statesOf(story).slice(4)).toEqual([
      'account.undo confirmed',
      'project.undo confirmed',
      'project confirmed',
      'account confirmed',
      'bill confirmed',
      'note confirmed',
    ]);
    const moment = (name: string, kind: string) =>
      story.entries.findIndex(
        (each: Story) =>
          each.kind === kind &&
          each.data.handoff_seq === story.handoffs.findLast(({ handoff }: Story) => handoff === name).seq,
      );
    expect(moment('project', 'handoff_attempted')).toBeGreaterThan(
      moment('project.undo', 'outcome_confirmed'),
    );
    expect(old.some((id: string) => target.records.has(id))).toBe(false);
  });

  test('a ticket that is done is never undone', async () => {
    billing.behave('ok');
    const ticket = await handIn(server, 'given-up', 'a3');
    const story = await storyWhen(ticket, ({ ticket: { state } }) => state === 'done');
    expect(story.handoffs).toHaveLength(4);
  });
});
