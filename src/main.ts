#!/usr/bin/env node
import { run } from './cli/program.ts';

// Whoever reads our output may stop early (`signalbox ticket … | head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv.slice(2));
