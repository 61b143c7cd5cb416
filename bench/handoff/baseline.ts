import pg from 'pg';
import { type Job, type JobResult, PgBoss } from 'pg-boss';

/**
 * What we measure ourselves against: the delivery worker that a good engineer writes in a day, with what pg-boss's own pages
 * say. Its worker with batches, several at once, fetching on while batches are full, each job settled by itself; a job is a
 * POST with its own key and the lead marked as delivered in the service's own table. It believes a 2xx: nothing is read back.
 */
const connectionString = process.env.BENCH_DATABASE_URL ?? '';
const targetUrl = process.env.BENCH_TARGET_URL ?? '';
const pool = new pg.Pool({ connectionString, max: 20 });
const boss = new PgBoss({ connectionString, max: 10 });
boss.on('error', (error) => console.error(error));
await boss.start();
await boss.createQueue('deliver', { retryLimit: 8, retryBackoff: true });

async function deliver(job: Job<{ lead: string }>): Promise<JobResult> {
  try {
    const response = await fetch(`${targetUrl}/projects`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': job.id },
      body: JSON.stringify(job.data),
      signal: AbortSignal.timeout(10_000),
    });
    await response.text();
    if (!response.ok) throw new Error(`answered ${response.status}`);
    await pool.query({
      name: 'delivered',
      text: `update lead_delivery set state = 'delivered', delivered_at = $2 where lead = $1`,
      values: [job.data.lead, new Date()],
    });
    return { id: job.id, status: 'completed' };
  } catch (error) {
    return { id: job.id, status: 'failed', output: { error: String(error) } };
  }
}

await boss.work<{ lead: string }>(
  'deliver',
  {
    batchSize: 50,
    localConcurrency: 4,
    pollingIntervalSeconds: 0.5,
    burstWhenBatchFull: true,
    perJobResults: true,
  },
  async (jobs) => await Promise.all(jobs.map(deliver)),
);
process.send?.({ url: 'http://127.0.0.1:0' });
const abandoned = () => process.exit(1);
process.once('disconnect', abandoned);
process.once('SIGTERM', async () => {
  process.off('disconnect', abandoned);
  await boss.stop({ graceful: false });
  await pool.end();
  process.exit(0);
});
