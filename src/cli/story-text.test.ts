import { expect, test } from 'vitest';
import type { TicketStory } from '../api/story.ts';
import { plain } from './output.ts';
import { storyText } from './story-text.ts';

const id = '0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41';
const now = new Date('2026-03-01T10:05:00.000Z');

function story(changes: Partial<TicketStory> = {}): TicketStory {
  return {
    ticket: {
      id,
      source: 'form',
      workflow: 'leads',
      workflow_version: 'c0ffee'.padEnd(64, '0'),
      identity: 'lead-1',
      state: 'exception',
      owner: 'team:growth',
      alternate: 'person:omar',
      fields: {},
      route: 'team:web',
      confidence: 0.8333333,
      revision: 1,
      joined: 2,
      received_at: '2026-03-01T10:00:00.000Z',
      updated_at: '2026-03-01T10:00:00.000Z',
      settled_at: null,
    },
    waits_for: [
      {
        what: 'exception 1 (contradicted) to be claimed',
        whom: 'team:triage',
        until: '2026-03-01T10:15:00.000Z',
      },
    ],
    entries: [
      entry(1, 'received', 'source:form', { bytes: 15, payload: 'ff', content_type: 'application/json' }),
      entry(2, 'decided', 'signalbox', {
        decision: 'stopped',
        version: 'c0ffee',
        reasons: [
          { rung: 'contract', code: 'contract_satisfied', text: 'The payload satisfies its contract' },
          { rung: 'checks', code: 'check_failed', text: 'Budget is under 500' },
        ],
      }),
    ],
    handoffs: [],
    exceptions: [],
    payloads: [],
    ...changes,
  };
}

function entry(seq: number, kind: string, actor: string, data: Record<string, unknown>) {
  return { seq, at: `2026-03-01T10:00:00.${String(seq).padStart(3, '0')}Z`, kind, actor, data, hash: '00' };
}

function told(changes?: Partial<TicketStory>): string {
  return storyText(story(changes), now, plain);
}

test('a story begins with who has it, tells each rung, and ends with what comes next', () => {
  expect(told()).toBe(`Ticket ${id}  exception
  owner     team:growth, alternate person:omar
  workflow  leads @ c0ffee0000
  identity  lead-1
  received  2026-03-01 10:00:00 UTC from form, and 2 times more (joined)
  route     team:web, confidence 0.833

What happened
  2026-03-01
  10:00:00.001  received  source:form  15 bytes of application/json
  10:00:00.002  decided  stopped
                ✔ contract  The payload satisfies its contract
                ✘ checks    Budget is under 500

Next
  waits for exception 1 (contradicted) to be claimed by team:triage until 2026-03-01 10:15:00 UTC (in 10m)`);
});

test('a settled ticket waits for nothing', () => {
  const { ticket } = story();
  const settled = { ...ticket, state: 'done', settled_at: '2026-03-01T10:01:00.000Z' };
  expect(told({ ticket: settled, waits_for: [] })).toMatch(
    /Nothing: it is done since 2026-03-01 10:01:00 UTC\.$/,
  );
});

test('what a sender wrote cannot write to the terminal', () => {
  const { ticket } = story();
  const text = told({ ticket: { ...ticket, identity: 'a\u001b[2Jb\nc\u202ed' } });
  expect(text).toContain('identity  a\ufffd[2Jb c\ufffdd');
});

test('a handoff is told with its attempts and the fields that were compared', () => {
  const text = told({
    handoffs: [
      {
        seq: 1,
        handoff: 'create',
        destination: 'tool',
        undoes: null,
        plan: { request: { method: 'POST', path: '/projects' } },
        idempotency_key: 'sb_1',
        state: 'failed',
        attempts: [
          {
            attempt: 1,
            started_at: '2026-03-01T10:00:01.000Z',
            ended_at: '2026-03-01T10:00:01.034Z',
            result: 'accepted',
            status: 201,
            detail: '201 Created',
            response: null,
          },
        ],
        probes: 1,
        response: null,
        created_at: '2026-03-01T10:00:00.000Z',
        due_at: null,
        give_up_at: '2026-03-02T10:00:00.000Z',
        accepted_at: null,
        confirm_by: null,
        settled_at: '2026-03-01T10:00:02.000Z',
        outcome: {
          state: 'contradicted',
          compared: [
            { field: 'name', sent: 'Ada', found: 'Ada', equal: true },
            { field: 'type', sent: 'web', equal: false },
          ],
          evidence: null,
          decided_at: '2026-03-01T10:00:02.000Z',
          decided_by: 'signalbox',
        },
        approval: null,
        confirmation: null,
        callbacks: [],
      },
    ],
  });
  expect(text).toContain(`Handoffs
  1 create → tool  failed
    POST /projects  key sb_1
    attempt 1  10:00:01.000  accepted 201 in 0.03s  201 Created
    outcome    contradicted by reading it back at 10:00:02.000
        field  sent   found
      ✔ name   "Ada"  "Ada"
      ✘ type   "web"  (absent)`);
});
