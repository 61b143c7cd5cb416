import { expect, test } from 'vitest';
import type { HandoffState, TicketState } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import type { Reading } from '../../outcome/next-probe.ts';
import { plusMs } from '../../platform/instant.ts';
import type { FoundTicket } from '../claiming/store.ts';
import type { AttemptOutcome, HandoffDraft } from '../handoff.ts';
import { nextAttempt } from '../next-attempt.ts';
import { handoffRow } from '../rows.ts';
import type { HandoffRow } from '../store.ts';
import { moveOf } from './move.ts';

const now = new Date('2026-03-02T09:00:00.000Z');
const lease = plusMs(now, limits.leaseMs);

const plan: HandoffDraft = {
  handoff: 'create-record',
  destination: 'tool',
  request: { operation: 'POST /records', method: 'POST', path: '/records', headers: {}, body: { name: 'x' } },
  retry: { attemptsMax: 5, forMs: 3_600_000 },
  outcome: {
    operation: 'GET /records/{id}',
    method: 'GET',
    path: '/records/{id}',
    parameters: [],
    that: null,
    same: ['name'],
    withinMs: 60_000,
  },
  approval: null,
  after: [],
  exceptions: {
    owner: 'team:triage',
    alternate: 'person:omar',
    ttlMs: 900_000,
    resolveWithinMs: 86_400_000,
    claimLeaseMs: 3_600_000,
    escalate: [],
    rootCauses: [],
    on: {},
  },
};
const callback = {
  kind: 'callback',
  from: null,
  match: null,
  key: null,
  mark: 'm',
  that: null,
  same: [],
  withinMs: 1,
} as const;

function rowOf(changes: Partial<HandoffRow> = {}): HandoffRow {
  const row = handoffRow('019cae3e-0000-7000-8000-000000000000', 1, 1, plan, now);
  const attempting = { state: 'attempting', attempts: 1, due_at: lease } as const;
  return { ...row, plan, response: null, accepted_at: null, ...attempting, ...changes };
}

function ticketOf(others: readonly HandoffState[] = [], excepted = false): FoundTicket {
  const state: TicketState = 'handoff';
  const head = { id: 't', state, settled_at: null, head_seq: 4, head_hash: Buffer.alloc(32) };
  return { ...head, workflow_version: 'v', fields: {}, others, excepted };
}

function answer(result: AttemptOutcome['result'], status: number | null): AttemptOutcome {
  return { result, status, detail: `tool answered ${status}`, body: {}, excerpt: '{}', retryAfter: null };
}

const taken = answer('accepted', 201);
const reading = (verdict: Reading['verdict']): Reading => ({ verdict, text: verdict, compared: [] });

function moved(
  outcome: AttemptOutcome | null,
  verdict: Reading['verdict'] | null,
  ticket = ticketOf(),
  row = rowOf(),
) {
  const facts = {
    destination: 'tool',
    attempts: 1,
    attemptsMax: 5,
    giveUpAt: row.give_up_at,
    responseContract: null,
  };
  const attempt = outcome && { outcome, next: nextAttempt(facts, outcome, now, 0), excused: false };
  const look = verdict === null ? null : { reading: reading(verdict), asked: now };
  const move = moveOf({ row, ticket, attempt, look }, now, lease);
  if (move === null) return null;
  return {
    state: move.becomes.state,
    probes: move.probes,
    looks: move.looks,
    ticket: move.state,
    entries: move.entries.map(({ kind }) => kind),
    proof: move.proof?.state ?? null,
  };
}

const accepted = ['handoff_accepted'];
const looks = {
  state: 'confirming',
  probes: 1,
  looks: true,
  ticket: 'handoff',
  entries: accepted,
  proof: null,
};

type Verdict = Reading['verdict'];

const attempts: readonly [
  outcome: AttemptOutcome,
  read: Verdict | null,
  ticket: FoundTicket,
  becomes: object | null,
  reason: string,
][] = [
  [
    taken,
    'stands',
    ticketOf(),
    {
      state: 'confirmed',
      probes: 1,
      looks: false,
      ticket: 'done',
      entries: [...accepted, 'outcome_confirmed', 'done'],
      proof: 'confirmed',
    },
    'what stands is proved with its acceptance, and ends its ticket',
  ],
  [
    taken,
    'stands',
    ticketOf(['confirming']),
    {
      state: 'confirmed',
      probes: 1,
      looks: false,
      ticket: 'handoff',
      entries: [...accepted, 'outcome_confirmed'],
      proof: 'confirmed',
    },
    'not while another of its handoffs is open',
  ],
  [
    taken,
    'stands',
    ticketOf(['waiting']),
    looks,
    'another waits for the proof: it is released under the lock',
  ],
  [
    taken,
    'stands',
    ticketOf([], true),
    looks,
    'an exception is open: what becomes of the ticket is judged there',
  ],
  [taken, null, ticketOf(), looks, 'nothing was read yet: the acceptance alone, and the look is under way'],
  [
    taken,
    'missing',
    ticketOf(),
    {
      state: 'confirming',
      probes: 1,
      looks: false,
      ticket: 'handoff',
      entries: [...accepted, 'outcome_probed'],
      proof: null,
    },
    'not there yet: the next look is planned in the same commit',
  ],
  [taken, 'wrong', ticketOf(), looks, 'it has failed for good: that opens an exception, under the lock'],
  [
    answer('unknown', 503),
    null,
    ticketOf(),
    {
      state: 'ready',
      probes: 0,
      looks: false,
      ticket: 'handoff',
      entries: ['handoff_retry_planned'],
      proof: null,
    },
    'tried again later',
  ],
  [answer('rejected', 422), null, ticketOf(), null, 'a refusal opens an exception, under the lock'],
];

test.each(attempts)('%j, read as %s: %j becomes %j (%s)', (outcome, verdict, ticket, becomes) => {
  expect(moved(outcome, verdict, ticket)).toEqual(becomes);
});

const confirming = rowOf({ state: 'confirming', probes: 2, confirm_by: plusMs(now, 60_000) });

const laterLooks: readonly [
  read: Verdict,
  ticket: FoundTicket,
  state: HandoffState | null,
  reason: string,
][] = [
  ['stands', ticketOf(), 'confirmed', 'a later look proves'],
  ['stands', ticketOf(['waiting']), null, 'another waits for it'],
  ['missing', ticketOf(), null, 'whether that is news, its chain says'],
];

test.each(laterLooks)('a later look that reads %s of %j becomes %s (%s)', (verdict, ticket, state) => {
  expect(moved(null, verdict, ticket, confirming)?.state ?? null).toBe(state);
});

test('what calls back is left to be due at once', () => {
  const row = rowOf({ plan: { ...plan, outcome: callback } });
  expect(moved(taken, null, ticketOf(), row)).toEqual({ ...looks, probes: 0, looks: false });
});
