import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/**
 * Lists as CSV (RFC 4180), where `format=csv` or `Accept: text/csv` asks for it: the page's rows, objects inside as JSON text;
 * `Signalbox-Next` is what `next` says. A text that a spreadsheet would run as a formula gets an apostrophe before it.
 */
export function csvLists(app: FastifyInstance): void {
  app.addHook('preSerialization', async (request, reply, payload: unknown) => {
    const rows = asksForCsv(request) && reply.statusCode === 200 ? listIn(payload) : null;
    return rows === null ? payload : asCsv(reply, rows, (payload as { next?: string | null }).next ?? null);
  });
}

function asksForCsv(request: FastifyRequest): boolean {
  const { format } = request.query as { format?: string };
  return format === undefined ? request.headers.accept?.startsWith('text/csv') === true : format === 'csv';
}

/** The one list that an answer is. */
function listIn(payload: unknown): Record<string, unknown>[] | null {
  if (typeof payload !== 'object' || payload === null) return null;
  const lists = Object.values(payload).filter((member) => Array.isArray(member));
  return lists.length === 1 ? (lists[0] ?? null) : null;
}

function asCsv(reply: FastifyReply, rows: readonly Record<string, unknown>[], next: string | null): string {
  if (next !== null) reply.header('signalbox-next', next);
  reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', 'attachment; filename="signalbox.csv"')
    .serializer((text: unknown) => text as string);
  return csvText(rows);
}

/** Pure. */
export function csvText(rows: readonly Record<string, unknown>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
