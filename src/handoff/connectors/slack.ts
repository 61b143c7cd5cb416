import type { AttemptOutcome, HandoffRequest } from '../handoff.ts';
import { type Sending, sendHttp } from './http.ts';

/**
 * Slack's Web API: `chat.postMessage` with our idempotency key in its metadata, by which it is found again, and readings
 * of one message. Slack answers 200 for what it refuses: its `ok` and `error` are read.
 * https://docs.slack.dev/reference/methods/chat.postMessage
 */
export async function askSlack(sending: Sending): Promise<AttemptOutcome> {
  const { request, idempotencyKey } = sending;
  const query = new URLSearchParams(request.path.split('?')[1]);
  const isReading = request.method === 'GET';
  const outcome = await sendHttp({
    ...sending,
    request: isReading ? historyRequest(request, query) : messageRequest(request, idempotencyKey ?? ''),
  });
  const judged = judge(sending.destination.key, outcome);
  return isReading && judged.result === 'accepted'
    ? oneMessage(sending.destination.key, judged, query)
    : judged;
}

const eventType = 'signalbox_handoff';

function messageRequest(request: HandoffRequest, key: string): HandoffRequest {
  const message = request.body as Readonly<Record<string, unknown>>;
  const metadata = { event_type: eventType, event_payload: { key } };
  return { ...request, path: '/chat.postMessage', body: { ...message, metadata } };
}

/** One message by its time, or the last ones, among which one has our key. */
function historyRequest(request: HandoffRequest, query: URLSearchParams): HandoffRequest {
  const ts = query.get('ts');
  const asked = new URLSearchParams({
    channel: query.get('channel') ?? '',
    include_all_metadata: 'true',
    ...(ts === null ? { limit: '100' } : { latest: ts, oldest: ts, inclusive: 'true', limit: '1' }),
  });
  return { ...request, path: `/conversations.history?${asked}` };
}

const notNow = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);
const broken = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);
const credential = new Set([
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'no_permission',
  'missing_scope',
  'ekm_access_denied',
]);

function judge(destination: string, outcome: AttemptOutcome): AttemptOutcome {
  if (outcome.result !== 'accepted') return outcome;
  const { ok, error } = membersOf(outcome.body);
  if (ok === true) return outcome;
  const { body: _, ...told } = outcome;
  if (ok !== false || typeof error !== 'string') {
    return {
      ...told,
      result: 'unknown',
      detail: `${destination} answered ${outcome.status} in words that are not Slack's`,
    };
  }
  const code = error.replaceAll(/[^a-z0-9_]/gi, '').slice(0, 60);
  if (notNow.has(code))
    return {
      ...told,
      result: 'rejected',
      status: 429,
      detail: `${destination} is asked too often (${code})`,
    };
  if (broken.has(code)) return { ...told, result: 'unknown', detail: `${destination} failed (${code})` };
  const status = credential.has(code) ? 401 : 400;
  return { ...told, result: 'rejected', status, detail: `${destination} refused it (${code})` };
}

function oneMessage(destination: string, outcome: AttemptOutcome, query: URLSearchParams): AttemptOutcome {
  const { messages } = membersOf(outcome.body);
  const found = (Array.isArray(messages) ? messages : []).map(membersOf).find((message) => {
    const key = query.get('key');
    if (key === null) return message.ts === query.get('ts');
    return membersOf(membersOf(message.metadata).event_payload).key === key;
  });
  if (found !== undefined) {
    return { ...outcome, body: { ok: true, channel: query.get('channel'), ...found } };
  }
  const { body: _, ...told } = outcome;
  return { ...told, result: 'rejected', status: 404, detail: `${destination} has no such message` };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
