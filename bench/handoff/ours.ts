import { createApp } from '../../src/app.ts';
import { secret } from '../lead.ts';

/** The real app on the bench's project, working on its handoffs. */
const app = createApp({
  root: process.env.BENCH_PROJECT ?? '',
  dataFolder: process.env.BENCH_DATA_FOLDER ?? '',
  databaseUrl: process.env.BENCH_DATABASE_URL ?? '',
  env: { BENCH_SECRET: secret },
  port: 0,
  logLevel: 'warn',
});
const { url } = await app.start();
process.send?.({ url });
const abandoned = () => process.exit(1);
process.once('disconnect', abandoned);
process.once('SIGTERM', async () => {
  process.off('disconnect', abandoned);
  await app.stop();
  process.disconnect?.();
});
