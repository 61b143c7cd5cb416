import { PgBoss } from 'pg-boss';
import { Pool } from 'undici';

/**
 * What we measure ourselves against: the delivery worker that a good engineer writes in a day, with care. pg-boss jobs, fetched
 * in batches, all of a batch posted side by side over kept connections with the job's own key, and the batch completed with one
 * statement. Several workers. It believes a 2xx: nothing is read back, nothing is recorded beside the job.
 */
const workers = 4;
const batchSize = 50;
const connectionString = process.env.BENCH_DATABASE_URL ?? '';
const boss = new PgBoss({ connectionString, max: 10 });
boss.on('error', (error) => console.error(error));
const client = new Pool(process.env.BENCH_TARGET_URL ?? '', { connections: 50, pipelining: 1 });
await boss.start();
await boss.createQueue('deliver', { retryLimit: 8, retryBackoff: true });

let stopped = false;

async function deliver(job: { id: string; data: object }): Promise<string | null> {
  const { statusCode, body } = await client.request({
    method: 'POST',
    path: '/projects',
    headers: { 'content-type': 'application/json', 'idempotency-key': job.id },
    body: JSON.stringify(job.data),
  });
  await body.text();
  return statusCode < 300 ? job.id : null;
}

async function work(): Promise<void> {
  while (!stopped) {
    const jobs = await boss.fetch<object>('deliver', { batchSize });
    if (jobs.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    const results = await Promise.allSettled(jobs.map(deliver));
    const done = jobs.filter((_, index) => {
      const result = results[index];
      return result?.status === 'fulfilled' && result.value !== null;
    });
    const failed = jobs.filter((job) => !done.includes(job));
    if (done.length > 0)
      await boss.complete(
        'deliver',
        done.map(({ id }) => id),
      );
    if (failed.length > 0)
      await boss.fail(
        'deliver',
        failed.map(({ id }) => id),
      );
  }
}

for (let each = 0; each < workers; each += 1) void work();
process.send?.({ url: 'http://127.0.0.1:0' });
const abandoned = () => process.exit(1);
process.once('disconnect', abandoned);
process.once('SIGTERM', async () => {
  stopped = true;
  process.off('disconnect', abandoned);
  await boss.stop({ graceful: false });
  await client.close();
  process.exit(0);
});
