import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Address } from './client.ts';
import { ask, problemFrom } from './client.ts';
import type { Row } from './import-rows.ts';

/** What became of one row: of its one trigger, or of each that it was split into. */
export type Sent =
  | { readonly kind: 'taken'; readonly triggers: readonly TriggerEnd[] }
  /** It was not taken, or only recorded as refused; sending it again as it is would come to the same. */
  | { readonly kind: 'refused'; readonly reason: string };

export type TriggerEnd = 'joined' | 'updated' | 'exception' | 'routed';

export interface Sender {
  /** Sends one row until it is answered. Throws AppError where nothing further can be sent: no key, no such source, no server. */
  send(row: Row): Promise<Sent>;
}

export interface SenderOptions {
  readonly address: Address;
  readonly actor: string | undefined;
  readonly source: string;
  readonly dryRun: boolean;
  /** How long nothing at all may be answered before it gives up. */
  readonly patienceMs: number;
}

/**
 * Posts rows to POST /api/triggers, each with an Idempotency-Key of source, line and content: however often a file is
 * imported again, a row that was committed stays committed once. While the server is busy or away it waits.
 */
export function createSender(options: SenderOptions): Sender {
  let lastAnswer = performance.now();

  return {
    async send(row) {
      for (let tries = 0; ; tries += 1) {
        const answer = await post(row, options).catch((error: unknown) => refusedBy(error));
        // It says to come later, and that is an answer too; one of 502 to 504 may be of whoever stands before it.
        const isThere = 'body' in answer && answer.status <= 500;
        if (isThere && !later.has(answer.status)) {
          lastAnswer = performance.now();
          return endOf(answer, options.address.url);
        }
        const error =
          'body' in answer ? problemFrom(answer.status, answer.body, options.address.url) : answer.error;
        if (isThere) lastAnswer = performance.now();
        else if (performance.now() - lastAnswer > options.patienceMs) throw error;
        await wait('body' in answer && answer.retryAfterMs !== null ? answer.retryAfterMs : pauseMs(tries));
      }
    },
  };
}

/** 409: the same row is under way, from a run that was broken off. */
const later: ReadonlySet<number> = new Set([409, 429]);

function pauseMs(tries: number): number {
  return Math.min(250 * 2 ** tries, 5_000);
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs: number | null;
}

function refusedBy(error: unknown): { readonly error: AppError } {
  if (error instanceof AppError && error.code === 'unavailable') return { error };
  throw error;
}

async function post(row: Row, { address, actor, source, dryRun }: SenderOptions): Promise<Answer> {
  const response = await ask(`${address.url}/api/triggers`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${address.key}`,
      'content-type': 'application/json',
      ...(actor !== undefined && { 'signalbox-actor': actor }),
      ...(dryRun ? { 'signalbox-dry-run': 'true' } : { 'idempotency-key': keyOf(source, row) }),
    },
    body: JSON.stringify({ source, body: row.body }),
  });
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    status: response.status,
    body: await response.json().catch(() => null),
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : null,
  };
}

function keyOf(source: string, { line, body }: Row): string {
  const hash = createHash('sha256')
    .update(`${source}\0${line}\0`)
    .update(body ?? '');
  return `import-${hash.digest('hex')}`;
}

/** What the server answers of one trigger, or tells of it in a dry run. */
interface TriggerAnswer {
  readonly state?: string;
  readonly decision: { readonly kind: string };
  readonly would_be?: { readonly state: string } | null;
}

function endOf({ status, body }: Answer, url: string): Sent {
  if (status === 200 || status === 202) {
    const answered = body as { tickets?: TriggerAnswer[]; triggers?: TriggerAnswer[] } & TriggerAnswer;
    const all = answered.tickets ?? answered.triggers ?? [answered];
    const [only] = all;
    if (all.length === 1 && only?.decision.kind === 'rejected')
      return { kind: 'refused', reason: brokenContract };
    return { kind: 'taken', triggers: all.map(endOfTrigger) };
  }
  const problem = problemFrom(status, body, url);
  // Of the whole import, not of this row.
  if ([401, 403, 404].includes(status)) throw problem;
  return { kind: 'refused', reason: [problem.message, violationsOf(body)].filter(Boolean).join(' ') };
}

const brokenContract = 'The payload breaks its contract.';

function violationsOf(body: unknown): string {
  const { violations = [] } = (body ?? {}) as { violations?: { message: string }[] };
  return violations.map(({ message }) => message).join('; ');
}

function endOfTrigger({ state, decision, would_be: wouldBe }: TriggerAnswer): TriggerEnd {
  if (decision.kind === 'joined') return 'joined';
  const standing = state ?? wouldBe?.state;
  if (standing === 'exception' || standing === 'triage' || standing === 'rejected') return 'exception';
  return decision.kind === 'revised' ? 'updated' : 'routed';
}
