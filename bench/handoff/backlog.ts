import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { insertEntries } from '../../src/audit/store.ts';
import { connect } from '../../src/db/connect.ts';
import { Batch } from '../../src/db/rows.ts';
import { decide } from '../../src/decide.ts';
import { insertHandoffs } from '../../src/handoff/store.ts';
import { readProjectFiles } from '../../src/platform/project-files.ts';
import { noFacts, ofTicket, placeNew, rowsOf } from '../../src/ticket/place.ts';
import { insertTickets } from '../../src/ticket/store.ts';
import { loadProject } from '../../src/workflow/load.ts';
import { leadBody } from '../lead.ts';

/** The bench's project, with the target in the place of its destination. */
export async function projectFor(targetUrl: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-handoff-'));
  await cp(fileURLToPath(new URL('../project', import.meta.url)), folder, { recursive: true });
  const path = join(folder, 'signalbox.yaml');
  await writeFile(path, (await readFile(path, 'utf8')).replace('http://127.0.0.1:9', targetUrl));
  return folder;
}

const chunk = 250;

/** Makes tickets as intake would have made them, each with a handoff that is due. */
export async function ourBacklog(url: string, project: string, run: string, count: number): Promise<void> {
  const workflow = loadProject(await readProjectFiles(project)).project?.workflows.get('leads');
  if (workflow === undefined) throw new Error("the bench's project does not compile");
  const { db, close } = connect(url);
  for (let from = 0; from < count; from += chunk) {
    const now = new Date();
    const placed = Array.from({ length: Math.min(chunk, count - from) }, (_, index) => {
      const trigger = {
        source: 'leads',
        contentType: 'application/json',
        headers: { 'content-type': 'application/json' },
        body: leadBody(run, from + index),
      };
      const decision = ofTicket(decide(workflow, trigger, noFacts, now));
      return placeNew({ workflow, trigger, delivery: null }, decision, now, randomBytes);
    });
    const rows = rowsOf(placed, new Map(), now, randomBytes);
    const batch = new Batch();
    await insertTickets(batch, rows.tickets, rows.payloads);
    await insertEntries(batch, rows.entries);
    await insertHandoffs(batch, rows.handoffs);
    await db.transaction().execute((tx) => batch.write(tx));
  }
  await close();
}

/** The same work as pg-boss jobs, each with the row of its lead that is marked when it is delivered. */
export async function baselineBacklog(url: string, run: string, count: number): Promise<void> {
  const boss = new PgBoss({ connectionString: url, max: 2, supervise: false, schedule: false });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  await pool.query(`create table if not exists lead_delivery (
    lead text primary key, state text not null default 'accepted', delivered_at timestamptz)`);
  await boss.createQueue('deliver', { retryLimit: 8, retryBackoff: true });
  for (let from = 0; from < count; from += chunk) {
    const jobs = Array.from({ length: Math.min(chunk, count - from) }, (_, index) => {
      const { name, project_type, lead_id, budget } = JSON.parse(leadBody(run, from + index).toString());
      return { data: { name: `Lead ${name}`, type: project_type, lead: lead_id, budget } };
    });
    const leads = jobs.map(({ data }) => data.lead);
    await pool.query('insert into lead_delivery (lead) select unnest($1::text[])', [leads]);
    await boss.insert('deliver', jobs);
  }
  await boss.stop({ graceful: false });
  await pool.end();
}
