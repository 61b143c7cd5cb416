import { describe, expect, test } from 'vitest';
import { soundProject, told } from '../../../test/support/cases.ts';
import { changed } from '../../../test/support/project-texts.ts';

const lead = { lead_id: 'L-1', email: 'Ada@x.example', name: 'Ada', project_type: 'web', budget: 5000 };
const large = { ...lead, budget: 60_000 };
const made = { id: 'P-1', name: 'Lead Ada', type: 'web', manager: 'Omar' };

describe('what happens then', () => {
  const answer = { handoff: 'create-project', status: 201, body: made };
  const read = { handoff: 'create-project', body: made };

  test.each<[what: string, payload: object, then: readonly object[]]>([
    [
      'a proof, which lets the next handoff go on, and then the ticket is done',
      lead,
      [
        {
          answer,
          expect: { handoffs: { 'create-project': { state: 'confirming', due: '15m', attempts: 1 } } },
        },
        {
          read,
          expect: {
            state: 'handoff',
            handoffs: { 'create-project': { outcome: 'confirmed' }, announce: { state: 'ready' } },
          },
        },
        { answer: { handoff: 'announce', body: { id: 1 } } },
        { read: { handoff: 'announce', body: { text: 'team:web' } }, expect: { state: 'done' } },
      ],
    ],
    [
      'a lie: yes, and something else is there',
      lead,
      [
        { answer },
        {
          read: { handoff: 'create-project', body: { ...made, name: 'Lead Eve', manager: '' } },
          expect: {
            state: 'exception',
            exception: {
              mode: 'contradicted',
              handoff: 'create-project',
              summary: 'result.manager != "" does not hold',
            },
            handoffs: {
              'create-project': { state: 'failed', outcome: 'contradicted', different: ['name'] },
              announce: { state: 'waiting' },
            },
          },
        },
      ],
    ],
    [
      'a record that comes late is not yet a lie',
      lead,
      [
        { answer },
        { read: { handoff: 'create-project', status: 404, early: true }, expect: { state: 'handoff' } },
        { read, expect: { handoffs: { 'create-project': { outcome: 'confirmed' } } } },
      ],
    ],
    [
      'an answer that nothing can be asked about',
      lead,
      [
        { answer: { ...answer, body: {} } },
        { read, expect: { exception: { mode: 'unconfirmed', summary: 'cannot be read' } } },
      ],
    ],
    [
      'an answer against the document',
      lead,
      [
        {
          answer: { ...answer, body: { id: 7 } },
          expect: { exception: { mode: 'destination_contract_violation', fields: ['/id'] } },
        },
      ],
    ],
    [
      'a no',
      lead,
      [
        {
          answer: { handoff: 'create-project', status: 403 },
          expect: { exception: { mode: 'rejected', summary: 'credential' } },
        },
      ],
    ],
    [
      'a destination that is down, until nobody tries any more',
      lead,
      [
        {
          answer: { handoff: 'create-project', status: 503, headers: { 'retry-after': '60' } },
          expect: { handoffs: { 'create-project': { state: 'ready', due: '60s' } } },
        },
        {
          answer: { handoff: 'create-project', lost: 'unknown', times: 2 },
          expect: { exception: { mode: 'attempts_exhausted' } },
        },
      ],
    ],
    [
      'a yes',
      large,
      [
        {
          approve: { handoff: 'create-project', by: 'person:dana' },
          expect: { handoffs: { 'create-project': { state: 'ready', approval: { state: 'approved' } } } },
        },
      ],
    ],
    [
      'a no of a person',
      large,
      [
        {
          refuse: { handoff: 'create-project', by: 'person:dana', reason: 'too much' },
          expect: { exception: { mode: 'refused', summary: 'too much' } },
        },
      ],
    ],
    [
      'no answer in time',
      large,
      [{ wait: '4h', expect: { exception: { mode: 'approval_overdue', resolve_by: '1d' } } }],
    ],
    [
      'nobody takes an exception: it goes up, rung by rung',
      { ...lead, budget: 1 },
      [
        { wait: '14m', expect: { exception: { responsible: 'team:web', claim_by: '1m' } } },
        { wait: '1m', expect: { exception: { responsible: 'person:dana' } } },
        { wait: '15m', expect: { exception: { responsible: 'person:omar' } } },
      ],
    ],
  ])('%s', (_, payload, then) => {
    expect(told({ payload, then })).toEqual([]);
  });

  test.each<[step: object, payload: object, why: string]>([
    [{ read }, lead, 'then[1] cannot happen create-project is ready: there is nothing to read back yet'],
    [
      { answer },
      large,
      'then[1] cannot happen create-project is awaiting approval: nothing is sent, so that nothing is answered',
    ],
    [
      { approve: { handoff: 'create-project', by: 'person:omar' } },
      large,
      'then[1] cannot happen Only team:growth can decide this, not person:omar',
    ],
    [
      { approve: { handoff: 'create-project', by: 'person:dana' } },
      lead,
      'then[1] cannot happen create-project is ready: nobody is asked for a yes',
    ],
    [
      { answer },
      { ...lead, budget: 1 },
      'then[1] cannot happen create-project was not promised: there is nothing to play',
    ],
  ])('%j cannot happen then', (step, payload, why) => {
    const then = [step, { wait: '1h', expect: { state: 'done' } }];
    expect(told({ payload, then })).toEqual([why]);
  });

  describe('what is cancelled with its ticket', () => {
    const project = soundProject(changed('workflows/lead.yaml', '    after: [create-project]\n', ''));
    const given = [
      { answer: { handoff: 'announce', status: 422 }, expect: { exception: { mode: 'rejected' } } },
      { discard: {}, expect: { state: 'discarded', handoffs: { 'create-project': { state: 'cancelled' } } } },
    ];

    test('waits for no yes any more', () => {
      const still = { state: 'discarded', handoffs: { 'create-project': { state: 'cancelled' } } };
      const then = [...given, { wait: '1d', expect: still, not: { exception: {} } }];
      expect(told({ payload: large, then }, project)).toEqual([]);
    });

    test('cannot be approved', () => {
      const then = [...given, { approve: { handoff: 'create-project', by: 'person:dana' } }];
      expect(told({ payload: large, then }, project)).toEqual([
        'then[3] cannot happen create-project is cancelled: nobody is asked for a yes',
      ]);
    });
  });
});
