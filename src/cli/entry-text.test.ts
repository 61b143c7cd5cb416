import { expect, test } from 'vitest';
import { entryText } from './entry-text.ts';

test.each<[kind: string, data: Record<string, unknown>, text: string, reason: string]>([
  [
    'received',
    { bytes: 12, content_type: 'application/json', payload: 'ff' },
    '12 bytes of application/json',
    'no hashes',
  ],
  [
    'handoff_retry_planned',
    { handoff_seq: 1, handoff: 'create', detail: 'tool answered 503', at: '2026-03-01T10:00:05.000Z' },
    '1 create: tool answered 503; again at 10:00:05.000',
    'times are of the day',
  ],
  [
    'exception_escalated',
    { exception: 1, from: 'team:triage', to: 'person:omar', why: ['ttl_passed', 'sla_missed'] },
    '1, from team:triage to person:omar (ttl_passed, sla_missed)',
    'lists are read out',
  ],
  [
    'exception_resolved',
    { exception: 2, resolution: 'retry', root_cause: 'human-error' },
    '2 by retry, root cause human-error',
    'what is absent leaves nothing',
  ],
  ['done', {}, '', 'the kind says it all'],
  [
    'something_new',
    { what: 'x', of: { a: 1 }, nothing: null },
    'what x, of {"a":1}',
    'an unknown kind is told by its data',
  ],
  [
    'exception_noted',
    { exception: 1, text: 'a\u001b[2J\nb' },
    '1: a\ufffd[2J b',
    'nothing reaches the terminal',
  ],
])('%s of %j is "%s": %s', (kind, data, text) => {
  expect(entryText(kind, data)).toBe(text);
});
