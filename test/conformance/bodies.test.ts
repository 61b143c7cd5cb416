import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileContract } from '../../src/contract/schema.ts';
import { type Answer, type TestApp, testApp } from '../support/app.ts';

/** Every foreign body goes in over HTTP and comes out of the API byte for byte, however it was sent. */

const folder = new URL('../../../shared/corpora/webhook-payloads/', import.meta.url);
const present = existsSync(folder);

interface Delivery {
  readonly id: string;
  readonly provider: string;
  /** As it stands in the corpus, spaces and all. */
  readonly body: string;
}

const files = (present ? readdirSync(folder) : []).filter((name) => name.endsWith('.ndjson.gz'));
const linesOf = (file: string) =>
  gunzipSync(readFileSync(new URL(file, folder)))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
const deliveries: readonly Delivery[] = files.flatMap(linesOf).map((line) => {
  const start = line.indexOf('"payload": ') + '"payload": '.length;
  const { id, provider } = JSON.parse(line) as Delivery;
  return { id, provider, body: line.slice(start, -1) };
});

const changes = {
  'signalbox.yaml': `
project: bodies
server: { host: 127.0.0.1, port: 0 }
people:
  dana: { name: Dana Reyes, email: dana@example.com }
  omar: { name: Omar Haddad, email: omar@example.com }
sources:
  any: { summary: Whatever comes, owner: person:dana, verify: { scheme: none } }
  hubspot: { summary: Lists of changes, owner: person:dana, verify: { scheme: none } }
  meta: { summary: Leads of pages, owner: person:dana, verify: { scheme: none } }
`,
  'contracts/lead.schema.json': '{}',
  'workflows/leads.yaml': workflow('any', '', 'headers["x-case"]'),
  'workflows/hubspot.yaml': workflow('hubspot', 'split: payload', 'payload.eventId'),
  'workflows/meta.yaml': workflow(
    'meta',
    'split: payload.entry.map(e, e.changes)',
    'payload.value.leadgen_id + payload.value.form_id',
  ),
};

function workflow(source: string, split: string, identity: string): string {
  return `
workflow: ${source}
summary: Takes what comes.
owner: person:dana
alternate: person:omar
trigger:
  source: ${source}
  contract: ../contracts/lead.schema.json
  ${split}
  identity: ${identity}
routes:
  rules:
    - to: person:dana
exceptions:
  owner: person:dana
  alternate: person:omar
  ttl: 15m
  resolve_within: 1d
  escalate: [person:omar]
  root_causes: [sender]
`;
}

describe.skipIf(!present)('foreign bodies (skipped without ../shared/corpora)', () => {
  let server: TestApp;
  let sent = 0;

  beforeAll(async () => {
    server = await testApp('http://127.0.0.1:9', { files: changes });
  });
  afterAll(() => server.stop());

  async function post(
    source: string,
    body: string | Uint8Array,
    headers: Record<string, string>,
  ): Promise<Answer> {
    sent += 1;
    const answer = await fetch(`${server.url}/in/${source}`, {
      method: 'POST',
      headers: { 'x-case': `case-${sent}`, ...headers },
      body: typeof body === 'string' ? Buffer.from(body) : new Uint8Array(body),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  }

  async function kept(ticket: string): Promise<string> {
    return (await server.bytes(`/api/tickets/${ticket}/payload`)).toString();
  }

  /** Sends all, some at once, and gives back what did not come out as it was meant. */
  async function altered(
    send: (delivery: Delivery) => ReturnType<typeof post>,
    meant = (body: string) => body,
  ) {
    const wrong: string[] = [];
    const open = [...deliveries];
    const sender = async () => {
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const { status, body } = await send(next);
        // What cannot be parsed (a number beyond 2^53, say) is recognised by its bytes: sent again, it joins.
        if (status > 202 || (await kept(body.ticket)) !== meant(next.body))
          wrong.push(`${next.id}: ${status}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    return wrong;
  }

  const json = { 'content-type': 'application/json' };
  const formOf = (body: string) => new URLSearchParams({ payload: body, other: 'ö' }).toString();

  test('there are some', () => expect(deliveries.length).toBeGreaterThan(200));

  test('as JSON', async () => {
    expect(await altered(({ body }) => post('any', body, json))).toEqual([]);
  });

  test('packed by gzip and br: what was meant comes out', async () => {
    const packed = ({ body }: Delivery) =>
      post('any', gzipSync(body), { ...json, 'content-encoding': 'gzip' });
    expect(await altered(packed)).toEqual([]);
    const br = ({ body }: Delivery) =>
      post('any', brotliCompressSync(body), { ...json, 'content-encoding': 'br' });
    expect(await altered(br)).toEqual([]);
  });

  test('as a text, and in the field of a form', async () => {
    expect(await altered(({ body }) => post('any', body, { 'content-type': 'text/plain' }))).toEqual([]);
    const type = 'application/x-www-form-urlencoded';
    expect(await altered(({ body }) => post('any', formOf(body), { 'content-type': type }), formOf)).toEqual(
      [],
    );
  });

  test.each(files)('the lines of %s as NDJSON: each its own ticket', async (file) => {
    const lines = linesOf(file);
    const answer = await post('any', `${lines.join('\n')}\n`, { 'content-type': 'application/x-ndjson' });
    expect(answer.status).toBe(202);
    const tickets: { ticket: string; decision: { kind: string } }[] = answer.body.tickets;
    expect(tickets).toHaveLength(lines.length);
    // All have one identity here, that of the header: the first is taken, and the others are conflicts, bytes and all.
    const out = await Promise.all(tickets.map(({ ticket }) => kept(ticket)));
    expect(out).toEqual(lines);
  });

  test('HubSpot: the list is split, each change a ticket', async () => {
    const hubspot = deliveries.find(({ id }) => id === 'misc-13');
    const changes = JSON.parse(hubspot?.body ?? '[]');
    const answer = await post('hubspot', hubspot?.body ?? '', json);
    expect(answer.body.tickets).toHaveLength(changes.length);
    const out = await Promise.all(answer.body.tickets.map(({ ticket }: { ticket: string }) => kept(ticket)));
    expect(out.map((text) => JSON.parse(text))).toEqual(changes);
  });

  test('Meta: changes of all entries; of two with one lead in one delivery the second conflicts', async () => {
    const meta = deliveries.find(({ provider }) => provider === 'meta-lead-ads');
    const page = JSON.parse(meta?.body ?? '{}');
    const [entry] = page.entry;
    const [change] = entry.changes;
    const later = { ...change, value: { ...change.value, created_time: change.value.created_time + 1 } };
    const other = { ...change, value: { ...change.value, leadgen_id: '2' } };
    page.entry = [
      { ...entry, changes: [change, later] },
      { ...entry, changes: [other] },
    ];
    const answer = await post('meta', JSON.stringify(page), json);
    const modes = answer.body.tickets.map(
      (each: { decision: { exception: { mode: string } | null } }) => each.decision.exception?.mode ?? null,
    );
    expect([answer.status, modes]).toEqual([202, [null, 'conflicting_duplicate', null]]);
    const again = await post('meta', meta?.body ?? '', json);
    expect([again.status, again.body.tickets]).toMatchObject([200, [{ decision: { kind: 'joined' } }]]);
  });

  test('CloudEvents: an envelope that the published schema takes is taken', async () => {
    const document = JSON.parse(
      gunzipSync(readFileSync(new URL('cloudevents-1.0.schema.json.gz', folder))).toString(),
    );
    const contract = compileContract({ document, pointer: '', name: 'cloudevents' });
    const event = { specversion: '1.0', id: 'A-1', source: '/shop', type: 'paid', data: { total: 1 } };
    expect(contract.validate(event)).toEqual([]);
    const type = { 'content-type': 'application/cloudevents+json' };
    const taken = await post('any', JSON.stringify(event), type);
    expect([taken.status, taken.body.decision.kind]).toEqual([202, 'routed']);
    const { id: _, ...broken } = event;
    expect(contract.validate(broken)).not.toEqual([]);
    const refused = await post('any', JSON.stringify(broken), type);
    expect(refused.body.decision.exception.mode).toBe('unparseable');
  });
});
