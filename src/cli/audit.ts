import type { Command } from 'commander';
import { exitCode } from '../errors.ts';
import { serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { paintFor, say, sayJson } from './output.ts';

interface Verified {
  readonly tickets: number;
  readonly entries: number;
  readonly payloads: number;
  readonly broken: {
    readonly ticket_id: string;
    readonly seq: number | null;
    readonly what: string;
    readonly why: string;
  } | null;
}

type Options = CommonOptions & { readonly ticket?: string; readonly databaseUrl?: string };

/** `signalbox audit verify`: whether the record is as it was written. */
export function auditCommands(root: Command): void {
  const group = root.command('audit').description('Whether the record is as it was written');
  addCommand(group, 'verify', {
    isDefault: true,
    summary: 'Re-hashes every entry and payload, and names the first that is not as it was written',
    examples: [
      ['signalbox audit verify', 'asks the running server; exits 0 where the record is whole, 1 where not'],
      ['signalbox audit verify --ticket 0199…', 'one ticket'],
      ['signalbox audit verify --database-url postgres://…', 'reads the database itself, without a server'],
    ],
  })
    .option('--ticket <id>', 'only this ticket')
    .option('--database-url <url>', 'read this database directly')
    .action(async (options: Options) => {
      const verified = await verify(options);
      if (verified.broken !== null) process.exitCode = exitCode('invalid_project');
      if (options.json) sayJson(verified);
      else say(verdict(verified));
    });
}

async function verify({ ticket, databaseUrl, ...options }: Options): Promise<Verified> {
  if (databaseUrl !== undefined) return await verifyDirectly(databaseUrl, ticket);
  const client = await serverClient(options);
  return await client.get<Verified>(`/api/audit/verify${ticket === undefined ? '' : `?ticket=${ticket}`}`);
}

async function verifyDirectly(databaseUrl: string, ticket: string | undefined): Promise<Verified> {
  const { connect } = await import('../db/connect.ts');
  const { verifyAll, verifyOne } = await import('../audit/worker.ts');
  const connection = connect(databaseUrl, { max: 1 });
  try {
    const { broken, ...counts } =
      ticket === undefined ? await verifyAll(connection.db) : await verifyOne(connection.db, ticket);
    if (broken === null) return { ...counts, broken };
    const { ticketId, ...rest } = broken;
    return { ...counts, broken: { ticket_id: ticketId, ...rest } };
  } finally {
    await connection.close();
  }
}

function verdict({ tickets, entries, payloads, broken }: Verified): string {
  const paint = paintFor(process.stdout);
  const read = `${tickets} tickets, ${entries} entries, ${payloads} payloads`;
  if (broken === null) return `${paint('good', '✔')} The record is as it was written: ${read}.`;
  const { ticket_id, seq, what, why } = broken;
  const place = seq === null ? '' : `, entry ${seq}`;
  return `${paint('bad', '✘')} The ${what} of ticket ${ticket_id}${place} is not as it was written: ${why}.\n  Stopped there, after ${read}.`;
}
