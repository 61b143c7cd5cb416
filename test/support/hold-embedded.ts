import { pino } from 'pino';
import { startEmbedded } from '../../src/db/embedded.ts';

/** A process that starts the embedded server of a folder, says so on one line of JSON, and stops it when its input ends. */
const server = await startEmbedded({
  dataFolder: process.argv[2] ?? '',
  log: pino({ level: 'silent' }),
  flags: ['-c', 'fsync=off'],
});
console.log(JSON.stringify({ url: server.url, ownerUrl: server.ownerUrl, port: server.port }));
for await (const _ of process.stdin) {
  // Nothing is said to it: only the end counts.
}
await server.stop();
