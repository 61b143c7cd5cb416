import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import Fastify from 'fastify';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { secret } from '../lead.ts';

/**
 * What we measure ourselves against: the service that a good engineer writes in a day, with care.
 * Fastify, the body validated by Ajv, the signature checked, and all of a lead in one transaction on a pool with
 * prepared statements: identity, ticket, payload, audit row, and a pg-boss job. It answers after the commit.
 */

const contract = JSON.parse(
  readFileSync(new URL('../project/contracts/lead.schema.json', import.meta.url), 'utf8'),
);
const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE_URL, max: 20 });
const boss = new PgBoss({ connectionString: process.env.BENCH_DATABASE_URL ?? '', max: 2 });
boss.on('error', (error) => console.error(error));
await boss.start();
await boss.createQueue('handoff');

const ajv = new Ajv2020();
addFormats.default(ajv);
const validate = ajv.compile<Lead>(contract);

interface Lead {
  readonly lead_id: string;
  readonly name: string;
  readonly email: string;
  readonly project_type: string;
  readonly budget: number;
}

const statements = {
  identity:
    'insert into lead_identity (source, identity, ticket_id) values ($1, $2, $3) on conflict do nothing',
  ticket:
    'insert into lead_ticket (id, source, identity, state, owner, route, fields, received_at) ' +
    'values ($1, $2, $3, $4, $5, $6, $7, $8)',
  payload: 'insert into lead_payload (ticket_id, content_type, body) values ($1, $2, $3)',
  audit: 'insert into lead_audit (ticket_id, at, kind, data) values ($1, $2, $3, $4)',
  holder: 'select ticket_id from lead_identity where source = $1 and identity = $2',
};

const server = Fastify({ logger: false, bodyLimit: 1_048_576 });
server.removeAllContentTypeParsers();
server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
);

server.post('/in/leads', async (request, reply) => {
  const body = request.body as Buffer;
  if (!isAuthentic(body, request.headers['x-hub-signature-256']))
    return reply.code(401).send({ error: 'signature' });
  let lead: unknown;
  try {
    lead = JSON.parse(body.toString());
  } catch {
    return reply.code(400).send({ error: 'not JSON' });
  }
  if (!validate(lead)) return reply.code(422).send({ errors: validate.errors });
  const ticket = await store(lead, body, request.headers['content-type'] ?? '');
  return reply.code(ticket.isNew ? 202 : 200).send({ ticket: ticket.id });
});

async function store(lead: Lead, body: Buffer, contentType: string): Promise<{ id: string; isNew: boolean }> {
  const id = randomUUID();
  const now = new Date();
  const route = lead.project_type === 'web' ? 'web' : 'brand';
  const fields = {
    name: lead.name,
    email: lead.email.toLowerCase(),
    budget: lead.budget,
    type: lead.project_type,
  };
  const client = await pool.connect();
  const run = (name: keyof typeof statements, values: unknown[]) =>
    client.query({ name, text: statements[name], values });
  try {
    await client.query('begin');
    const { rowCount } = await run('identity', ['leads', lead.lead_id, id]);
    if (rowCount === 0) {
      const { rows } = await run('holder', ['leads', lead.lead_id]);
      await client.query('commit');
      return { id: rows[0].ticket_id, isNew: false };
    }
    await run('ticket', [id, 'leads', lead.lead_id, 'handoff', 'growth', route, JSON.stringify(fields), now]);
    await run('payload', [id, contentType, body]);
    await run('audit', [id, now, 'accepted', JSON.stringify({ route, bytes: body.length })]);
    const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
    await boss.send('handoff', { ticket: id }, { db });
    await client.query('commit');
    return { id, isNew: true };
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

function isAuthentic(body: Buffer, header: string | string[] | undefined): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(String(header));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const url = await server.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ url });
const abandoned = () => process.exit(1);
process.once('disconnect', abandoned);
process.once('SIGTERM', async () => {
  process.off('disconnect', abandoned);
  await server.close();
  await boss.stop({ graceful: false });
  await pool.end();
  process.disconnect?.();
});
