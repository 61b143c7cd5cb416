import { fileURLToPath } from 'node:url';
import { createApp } from '../src/app.ts';
import { secret } from './lead.ts';

/** The server under test: the real app on the bench's project, taking triggers and leaving handoffs to other nodes. */
const app = createApp({
  root: fileURLToPath(new URL('project', import.meta.url)),
  dataFolder: process.env.BENCH_DATA_FOLDER ?? '',
  databaseUrl: process.env.BENCH_DATABASE_URL ?? '',
  env: { BENCH_SECRET: secret },
  port: 0,
  logLevel: 'warn',
  intakeOnly: true,
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
