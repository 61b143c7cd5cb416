import { describe, expect, test } from 'vitest';
import type { Contract } from '../contract/contract.ts';
import type { ExceptionPolicy } from '../exceptions/exception.ts';
import { compileExpression, type Expression, expressionEnvironment } from '../workflow/expression.ts';
import type { CompiledHandoff, CompiledRequest, CompiledWorkflow } from '../workflow/workflow.ts';
import { draftHandoffs } from './plan.ts';

const environment = expressionEnvironment({ payload: true, headers: true, ticket: true, route: true });
const cel = (source: string): Expression => compileExpression(source, environment).expression;
const leaf = (source: string) => ({ kind: 'expression', value: cel(source) }) as const;

const policy: ExceptionPolicy = {
  owner: 'team:triage',
  alternate: 'person:omar',
  ttlMs: 900_000,
  resolveWithinMs: 86_400_000,
  claimLeaseMs: 3_600_000,
  escalate: [],
  rootCauses: [],
  on: {},
};

function request(changes: Partial<CompiledRequest> = {}): CompiledRequest {
  return {
    operation: 'createProject',
    method: 'POST',
    path: '/projects',
    parameters: [],
    body: { kind: 'object', entries: [['name', leaf('"Lead " + ticket.name')]] },
    requestContract: null,
    responseContract: null,
    ...changes,
  };
}

function handoff(changes: Partial<CompiledHandoff> = {}): CompiledHandoff {
  return {
    id: 'create',
    destination: 'tool',
    when: null,
    request: request(),
    approval: null,
    retry: { attemptsMax: 8, forMs: 1000 },
    outcome: {
      read: request({
        operation: 'getProject',
        method: 'GET',
        path: '/projects/{id}',
        // Not evaluated before there is an answer.
        parameters: [{ name: 'id', in: 'path', value: { source: 'response.id', evaluate: () => 'unused' } }],
        body: null,
      }),
      that: null,
      same: ['name'],
      withinMs: 60_000,
    },
    after: [],
    ...changes,
  };
}

function drafted(handoffs: readonly CompiledHandoff[]) {
  const scope = {
    payload: { lead: 'l-1' },
    headers: {},
    ticket: { name: 'Ada', budget: 900 },
    route: 'team:web',
  };
  return draftHandoffs({ handoffs, exceptions: policy } as unknown as CompiledWorkflow, scope);
}

test('a handoff is drafted whole: request, outcome as text, policy', () => {
  const parameters = [
    { name: 'team', in: 'query', value: cel('route') },
    { name: 'X-Lead', in: 'header', value: cel('payload.lead') },
  ] as const;
  expect(drafted([handoff({ request: request({ parameters }) })])).toEqual({
    ok: true,
    handoffs: [
      {
        handoff: 'create',
        destination: 'tool',
        request: {
          operation: 'createProject',
          method: 'POST',
          path: '/projects?team=team%3Aweb',
          headers: { 'x-lead': 'l-1' },
          body: { name: 'Lead Ada' },
        },
        retry: { attemptsMax: 8, forMs: 1000 },
        outcome: {
          operation: 'getProject',
          method: 'GET',
          path: '/projects/{id}',
          parameters: [{ name: 'id', in: 'path', value: 'response.id' }],
          that: null,
          same: ['name'],
          withinMs: 60_000,
        },
        approval: null,
        after: [],
        exceptions: policy,
      },
    ],
  });
});

test('a body of every shape', () => {
  const body = {
    kind: 'object',
    entries: [
      ['list', { kind: 'array', items: [leaf('1'), leaf('ticket.budget'), { kind: 'array', items: [] }] }],
      ['deep', { kind: 'object', entries: [['none', leaf('null')]] }],
    ],
  } as const;
  const made = drafted([handoff({ request: request({ body }) })]);
  expect(made.ok && made.handoffs[0]?.request.body).toEqual({ list: [1, 900, []], deep: { none: null } });
});

const by = 'team:finance';
const approvals: readonly [when: string | null, asked: boolean, reason: string][] = [
  [null, true, 'always'],
  ['ticket.budget > 500.0', true, 'its condition holds'],
  ['ticket.budget > 5000.0', false, 'its condition does not hold'],
];

test.each(approvals)('an approval when %s: %s (%s)', (when, asked) => {
  const approval = { when: when === null ? null : cel(when), by, withinMs: 1000 } as const;
  const made = drafted([handoff({ approval })]);
  expect(made.ok && made.handoffs[0]?.approval).toEqual(asked ? { by, withinMs: 1000 } : null);
});

test('one whose condition does not hold is left out, and not waited for', () => {
  const made = drafted([
    handoff({ id: 'big', when: cel('ticket.budget > 5000.0') }),
    handoff({ id: 'first', when: cel('ticket.budget < 5000.0') }),
    handoff({ id: 'second', after: ['big', 'first'] }),
  ]);
  expect(made.ok && made.handoffs.map((each) => [each.handoff, each.after])).toEqual([
    ['first', []],
    ['second', ['first']],
  ]);
});

describe('what cannot be promised', () => {
  const failures: readonly [handoff: Partial<CompiledHandoff>, reason: string][] = [
    [{ when: cel('ticket.missing == 1') }, 'its condition reads what is not there'],
    [{ when: cel('ticket.name') }, 'its condition is not true or false'],
    [{ request: request({ body: leaf('ticket.missing') }) }, 'its body reads what is not there'],
    [{ request: request({ path: '/p/{id}' }) }, 'an argument of its path is missing'],
  ];

  test.each(failures)('%#: %s', (changes) => {
    const made = drafted([handoff(), handoff({ id: 'broken', ...changes })]);
    // Without what the expression met: the reason outlives an erased payload.
    const reason = 'The handoff broken could not be made';
    expect(made).toMatchObject({
      ok: false,
      mode: 'transform_failed',
      reason,
      detail: { handoff: 'broken' },
    });
  });

  test('a body that its destination would refuse', () => {
    const requestContract: Contract = {
      name: 'tool',
      schema: {},
      validate: () => [{ path: '/name', rule: 'maxLength', message: 'name is too long' }],
    };
    expect(drafted([handoff({ request: request({ requestContract }) })])).toEqual({
      ok: false,
      mode: 'destination_contract_violation',
      summary: 'tool would refuse createProject: name is too long',
      reason: 'tool would refuse createProject',
      detail: {
        handoff: 'create',
        destination: 'tool',
        violations: [{ path: '/name', rule: 'maxLength', message: 'name is too long' }],
      },
    });
  });
});
