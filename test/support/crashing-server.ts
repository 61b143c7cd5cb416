import { createApp } from '../../src/app.ts';

/** An app that ends itself, as by kill -9, the first time a handoff passes a step: `node crashing-server.ts <root> <step>`. */
const [, , root = '', step = ''] = process.argv;
const app = createApp({
  root,
  logLevel: 'error',
  passed: (passed) => {
    if (passed === step) process.kill(process.pid, 'SIGKILL');
  },
});
const { url } = await app.start();
process.stdout.write(`${JSON.stringify({ up: true, url })}\n`);
process.once('SIGTERM', () => void app.stop().then(() => process.exit(0)));
