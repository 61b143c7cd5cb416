import { expect, test } from 'vitest';
import { lead, projectFiles } from '../../../test/support/project.ts';
import { receivedAt } from '../../../test/support/recorded.ts';
import { confidenceLines, outcomeText } from '../../cli/explanation-text.ts';
import { plain } from '../../cli/output.ts';
import type { Facts } from '../../decision.ts';
import { loadProject } from '../load.ts';
import { type Explanation, explained } from './explanation.ts';

const noFacts: Facts = { holder: null, rerouteTo: null };

const rules = `
    - to: team:web
      when: ticket.project_type == "web" || ticket.budget > 90000.0
      signals:
        - { that: ticket.budget >= 2000.0, weight: 2 }
        - { that: has(payload.utm) && payload.utm.startsWith("web"), weight: 1 }
    - to: team:growth
      when: ticket.project_type == "brand" || ticket.name.size() > 20
      signals:
        - { that: has(payload.utm), weight: 1 }
        - { that: ticket.budget < 1000.0, weight: 1 }
`;

function why(body: string, changes: { contract?: string; facts?: Facts } = {}): Explanation {
  const files = projectFiles('http://tool.example');
  const leads = files['workflows/leads.yaml'] ?? '';
  const contract = JSON.parse(files['contracts/lead.schema.json'] ?? '');
  contract.properties.utm = { type: 'string' };
  Object.assign(contract.properties, JSON.parse(changes.contract ?? '{}'));
  const { project, diagnostics } = loadProject(
    new Map(
      Object.entries({
        ...files,
        'contracts/lead.schema.json': JSON.stringify(contract),
        'workflows/leads.yaml': leads.replace(/\n {4}- to: team:web\n.*\n/, rules),
      }),
    ),
  );
  const workflow = project?.workflows.get('leads');
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  if (workflow === undefined) throw new Error('it compiles');
  const trigger = { source: 'form', contentType: 'application/json', headers: {}, body: Buffer.from(body) };
  return explained(workflow, trigger, changes.facts ?? noFacts, receivedAt);
}

/** `payload.budget is 2000, not 1500 → team:web with confidence 1` */
function changes({ changes: all }: Explanation): string[] {
  return all.map(({ change, becomes }) => `${change} → ${outcomeText(becomes, plain)}`);
}

test('each condition is told with the values that it saw, part by part', () => {
  const { checks, routing, fields } = why(lead('1', { budget: 1500 }));
  expect(fields.map(({ name, made }) => [name, made.value])).toEqual([
    ['name', '"Lead 1"'],
    ['project_type', '"web"'],
    ['budget', '1500'],
  ]);
  expect(checks).toMatchObject([
    {
      id: 'budget-in-range',
      held: true,
      that: { text: 'ticket.budget >= 500.0', saw: [{ path: 'ticket.budget', value: '1500' }] },
    },
  ]);
  const [web, growth] = routing?.rules ?? [];
  expect(web).toMatchObject({
    to: 'team:web',
    held: true,
    when: {
      how: 'any',
      parts: [
        {
          text: 'ticket.project_type == "web"',
          held: true,
          saw: [{ path: 'ticket.project_type', value: '"web"' }],
        },
        { text: 'ticket.budget > 90000.0', held: false, saw: [{ path: 'ticket.budget', value: '1500' }] },
      ],
    },
    signals: [
      { weight: 2, held: false },
      {
        weight: 1,
        held: false,
        that: {
          how: 'all',
          parts: [
            { text: 'has(payload.utm)', held: false, saw: [{ path: 'payload.utm', value: null }] },
            { text: 'payload.utm.startsWith("web")', held: null, problem: 'payload.utm is missing' },
          ],
        },
      },
    ],
  });
  expect(growth).toMatchObject({ to: 'team:growth', held: false });
});

test('the arithmetic of the confidence can be read aloud, with the runner-up', () => {
  const { routing } = why(lead('1', { project_type: 'brand', budget: 95000, utm: 'x' }));
  expect(routing?.confidence && confidenceLines(routing.confidence, plain)).toEqual([
    'Confidence 0.417 = 0.667 (team:web: 2 of 3) less half of 0.5 (team:growth: 1 of 2); below the threshold 0.8',
    'The runner-up is team:growth',
  ]);
  const alone = why(lead('1', { utm: 'web' })).routing?.confidence;
  expect(alone && confidenceLines(alone, plain)).toEqual([
    'Confidence 1 = 1 (team:web: 3 of 3); reaches the threshold 0.8',
    'There is no runner-up',
  ]);
});

test.each([
  [
    lead('1', { budget: 1500, utm: 'web-x' }),
    'payload.budget is 2000, not 1500 → team:web with confidence 1',
    'one signal is missing, by its bound',
  ],
  [
    lead('1', { budget: 1500 }),
    'payload.budget is 2000, not 1500 → low_confidence: team:web at best: confidence 0.666667 (2 of 3), below the threshold 0.8',
    'more, and not yet enough',
  ],
  [
    lead('1', { budget: 100, project_type: 'brand', utm: 'x' }),
    'payload.budget is 500, not 100 → team:growth with confidence 1',
    'a check that just holds',
  ],
  [
    lead('1', { utm: 'web' }),
    'payload.name has 21 characters, not 6 → ambiguous: team:web at best: confidence 0.75 (3 of 3 less half of 1 of 2 for team:growth), below the threshold 0.8',
    'a length that is asked for',
  ],
  [
    lead('1', { project_type: undefined, utm: 'web' }),
    'payload.project_type is there: "web" → team:web with confidence 1',
    'what the contract misses, from its enumeration',
  ],
  [
    lead('1', { utm: 'web' }),
    'payload.utm is left out → low_confidence: team:web at best: confidence 0.666667 (2 of 3), below the threshold 0.8',
    'what is there and would be missed',
  ],
  [
    lead('1', { utm: 'web' }),
    'payload.project_type is "brand", not "web" → low_confidence: team:growth at best: confidence 0.5 (1 of 2), below the threshold 0.8',
    'another value of the enumeration',
  ],
])('%s: %s (%s)', (body, expected) => {
  expect(changes(why(body))).toContain(expected);
});

test('what would settle an exception comes first, and then the smallest change', () => {
  const [first, ...others] = changes(why(lead('1', { budget: 1500, utm: 'web-x' })));
  expect(first).toBe('payload.budget is 2000, not 1500 → team:web with confidence 1');
  expect(others[0]).toMatch(/^payload.budget is 499, not 1500 → check_failed/);
});

test('a broken contract is explained by what would repair it, and nothing after it was reached', () => {
  const { checks, routing, fields, decision } = why(lead('1', { budget: '5000', utm: 'web' }));
  expect(decision.exception?.mode).toBe('contract_violation');
  expect([checks, fields, routing]).toEqual([[], [], null]);
  expect(changes(why(lead('1', { budget: '5000', utm: 'web' })))[0]).toContain('5000');
});

test('what cannot be read has no values to change', () => {
  expect(why('{"lead_id":')).toMatchObject({
    changes: [],
    tried: 0,
    fields: [],
    decision: { exception: { mode: 'unparseable' } },
  });
});

test('what the contract hides is shown nowhere, neither by itself nor in what is made of it', () => {
  const secret = why(lead('1', { name: 'Q-SECRET-Q', utm: 'U-SECRET-U' }), {
    contract: '{"name":{"type":"string","x-redact":true},"utm":{"type":"string","writeOnly":true}}',
  });
  expect(JSON.stringify(secret)).not.toContain('SECRET');
  expect(secret.fields[0]).toMatchObject({ name: 'name', made: { value: null } });
  expect(secret.routing?.rules[0]?.signals[1]?.that.parts[0]?.saw).toEqual([
    { path: 'payload.utm', value: '(secret)' },
  ]);
  expect(secret.changes.some(({ change }) => change.includes('utm'))).toBe(false);
});
