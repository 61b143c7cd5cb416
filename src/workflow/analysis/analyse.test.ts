import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { smallCondition, smallContract, smallPayloads } from '../../../test/support/small-contract.ts';
import { limits } from '../../limits.ts';
import { route } from '../../routing/routing.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { compileExpression, expressionEnvironment } from '../expression.ts';
import { placeOf } from '../place.ts';
import { parseSourceFile } from '../source-file.ts';
import type { CompiledRule } from '../workflow.ts';
import { analyseWorkflow } from './analyse.ts';

const lead = {
  type: 'object',
  required: ['id', 'type', 'budget', 'contact'],
  properties: {
    id: { type: 'string', minLength: 1 },
    type: { enum: ['web', 'brand'] },
    budget: { type: 'number', minimum: 0 },
    note: { type: ['string', 'null'] },
    open: {},
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['sku'],
        properties: { sku: { type: 'string' }, price: { type: 'number' } },
      },
    },
    utm: { allOf: [{ $ref: '#/$defs/utm' }, { required: ['source'] }] },
    contact: {
      oneOf: [
        {
          type: 'object',
          required: ['kind', 'number'],
          properties: { kind: { const: 'phone' }, number: { type: 'string' } },
        },
        {
          type: 'object',
          required: ['kind', 'address'],
          properties: { kind: { const: 'mail' }, address: { type: 'string' } },
        },
      ],
    },
    company: { type: 'string' },
    vat: { type: 'string' },
  },
  dependentRequired: { company: ['vat'] },
  $defs: {
    utm: {
      type: 'object',
      properties: { source: { type: 'string' }, campaign: { type: 'string' }, 'x-y': { type: 'string' } },
    },
  },
};

const untyped = expressionEnvironment({ payload: true, headers: true, ticket: true });

interface Rule {
  readonly to: CompiledRule['to'];
  readonly when: string | null;
  readonly signals: readonly { readonly that: string; readonly weight: number }[];
}

function compiledRule({ to, when, signals }: Rule): CompiledRule {
  const compiled = (source: string) => compileExpression(source, untyped).expression;
  return {
    to,
    when: when === null ? null : compiled(when),
    signals: signals.map(({ that, weight }) => ({ that: compiled(that), weight })),
  };
}

/** What is found in a workflow of these parts; its rules are written one a line. */
function analysed(
  schema: unknown,
  parts: {
    readonly ticket?: Record<string, string>;
    readonly checks?: readonly string[];
    readonly rules?: readonly Rule[];
  },
  threshold = 0.8,
): { readonly text: string; readonly found: readonly Diagnostic[] } {
  const { ticket = {}, checks = [], rules = [] } = parts;
  const text = [
    `ticket: ${JSON.stringify(ticket)}`,
    `checks: ${JSON.stringify(checks.map((that, index) => ({ id: `check-${index}`, that })))}`,
    'routes:',
    `  threshold: ${threshold}`,
    '  rules:',
    ...rules.map(({ when, ...rule }) => `    - ${JSON.stringify(when === null ? rule : { ...rule, when })}`),
  ].join('\n');
  const found: Diagnostic[] = [];
  const routes = { threshold, rules: rules.map(compiledRule) };
  analyseWorkflow(placeOf(parseSourceFile('workflows/lead.yaml', text), found), {
    trigger: { contract: { schema } },
    routes,
    handoffs: [],
  });
  return { text, found };
}

function codesOf(schema: unknown, parts: Parameters<typeof analysed>[1]): string[] {
  return analysed(schema, parts).found.map(({ code }) => code);
}

describe('what is sound is not complained of', () => {
  test.each([
    ['has(payload.utm) && payload.utm.source == "x"', 'required by a part of allOf, once its owner is there'],
    ['!has(payload.utm) || payload.utm.source == "x"', 'the guard turned round'],
    ['payload.utm.source == "x" && has(payload.utm)', '`&&` waits for both sides'],
    ['has(payload.utm) ? payload.utm.source == "x" : true', 'a choice'],
    ['has(payload.note) && payload.note != null && payload.note.startsWith("a")', 'neither missing nor null'],
    ['has(payload.note) && payload.note == "a"', 'to compare with null is no mistake'],
    ['has(payload.items) && payload.items.all(i, has(i.price) && i.price > 0.0)', 'a guard within a macro'],
    ['has(payload.items) && payload.items.exists(i, i.sku == "a")', 'required of every element'],
    [
      'has(payload.utm) && "x-y" in payload.utm && payload.utm["x-y"] == "a"',
      'a name that has() cannot ask for',
    ],
    [
      'payload.contact.kind == "phone" && payload.contact.number == "1"',
      'the kind tells which alternative it is',
    ],
    [
      'payload.contact.kind != "mail" ? payload.contact.number == "1" : payload.contact.address == "a"',
      'and which it is not',
    ],
    ['has(payload.company) && payload.vat == "1"', 'required under a condition, which is not followed'],
    ['has(payload.labels) && payload.labels.any == "x"', 'members that no contract names'],
    ['headers["x-kind"] == "a"', 'headers have no contract'],
    ['has(payload.open) && payload.open > 3', 'a value of which nothing is said'],
    ['payload.budget > 0.0', 'the bound itself may come'],
    ['payload.budget >= 1.0', 'more than the contract asks for'],
    ['payload.type == "web" || payload.budget > 5.0', 'one of the contract’s values'],
    ['payload.id.matches("^[a-z]+$")', 'what is not looked into'],
    ['payload.id.size() > 3', 'longer than the contract asks for'],
  ])('%s', (source, reason) => {
    expect(analysed(lead, { checks: [source] }).found, reason).toEqual([]);
  });

  test('what a field of the ticket is made of guards it', () => {
    const ticket = { campaign: 'has(payload.utm) && has(payload.utm.campaign) ? payload.utm.campaign : ""' };
    const checks = ['ticket.campaign == "" || ticket.campaign.startsWith("web")'];
    expect(codesOf(lead, { ticket, checks })).toEqual([]);
  });

  test('too much to look into is passed over in silence', () => {
    const many = Array.from(
      { length: 40 },
      (_, index) => `(payload.id == "${index}" || payload.budget > ${index}.5)`,
    );
    const checks = [`${many.join(' && ')} && payload.budget < 0.0`];
    expect(many.length).toBeLessThan(limits.analysisCasesMax);
    expect(codesOf(lead, { checks })).toEqual([]);
  });
});

test('of a rule that is too much to look into nothing is said, nor of all rules', () => {
  const many = Array.from(
    { length: 9 },
    (_, index) => `(payload.id == "${index}" || payload.budget > ${index}.5)`,
  );
  const rules: Rule[] = [
    { to: 'team:all', when: many.join(' && '), signals: [] },
    {
      to: 'team:web',
      when: null,
      signals: [
        { that: 'payload.type == "web"', weight: 1 },
        { that: 'payload.type == "brand"', weight: 1 },
      ],
    },
  ];
  const messages = (given: readonly Rule[]) =>
    analysed(lead, { rules: given }).found.map(({ message }) => message);
  expect(messages(rules.slice(1))).toEqual([expect.stringContaining('no rule can reach the threshold')]);
  expect(messages(rules)).toEqual([expect.stringContaining('this rule never reaches the threshold')]);
});

test('the expression that a finding offers is sound', () => {
  const offered = (checks: readonly string[]) =>
    analysed(lead, { checks }).found.flatMap(({ code, help }) =>
      ['SB160', 'SB161'].includes(code)
        ? [...help.matchAll(/`([^`]*payload[^`]*)`/g)].map(([, each = '']) => each)
        : [],
    );
  const wrong = [
    'payload.utm.campaign == "x"',
    'payload.note.size() > 3',
    '!(payload.utm.campaign == "x" || payload.budget > 3.0)',
    'payload.items.exists(i, i.sku == "a")',
    'has(payload.items) && payload.items.exists_one(i, i.price > 3.0)',
    'has(payload.utm) && payload.utm["x-y"] == "a"',
    'payload.budget > 3.0 ? payload.company == "a" : payload.utm.source == "b"',
  ];
  for (const source of wrong) {
    const all = offered([source]);
    expect(all, source).not.toEqual([]);
    for (let each of all) {
      // One finding mends one read; what is left is told next.
      for (let rest = offered([each]); rest.length > 0; rest = offered([each])) each = rest[0] ?? '';
      expect(codesOf(lead, { checks: [each] }), each).toEqual([]);
    }
  }
});

describe('what is said of rules is so, whatever comes', () => {
  const rule: fc.Arbitrary<Rule> = fc.record({
    to: fc.constantFrom('team:web', 'team:brand', 'team:all'),
    when: fc.option(smallCondition, { freq: 8 }),
    signals: fc.array(fc.record({ that: smallCondition, weight: fc.integer({ min: 1, max: 3 }) }), {
      maxLength: 2,
    }),
  });
  const threshold = fc.constantFrom(0.3, 0.5, 0.8, 1);
  const web = [{ that: 'payload.kind == "web"', weight: 1 }];
  /** The first is chosen for what is not web: it and the third do not keep each other down, and it reaches the threshold. */
  const evenedOut: Rule[] = [
    { to: 'team:brand', when: null, signals: [] },
    { to: 'team:brand', when: null, signals: [{ that: 'payload.kind in []', weight: 1 }] },
    { to: 'team:web', when: null, signals: web },
  ];

  test('never matching, never chosen, never sure', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), threshold, (rules, limit) => {
        const { found } = analysed(smallContract, { rules }, limit);
        const told = found.filter(({ severity, code }) => severity === 'error' && code > 'SB162');
        if (told.length === 0) return;
        const compiled = rules.map(compiledRule);
        const routed = smallPayloads.map((payload) => {
          const routes = { rules: compiled, threshold: limit, otherwise: 'triage' } as const;
          return { payload, result: route(routes, { payload }, null) };
        });
        for (const { line, code, message } of told) {
          const index = line - 6;
          const isOfAll = /^no rule can reach|^this rule matches every ticket/.test(message);
          for (const { payload, result } of routed) {
            if (result.kind !== 'routed') continue;
            const said = `${code} ${message}: ${JSON.stringify({ rules, payload })}`;
            if (message.startsWith('no rule')) expect.fail(said);
            if (isOfAll) expect(result.route.to, said).toBe(compiled[index]?.to);
            else if (result.route.to === compiled[index]?.to) {
              // Another rule to the same destination may have led there.
              const without = {
                rules: compiled.toSpliced(index, 1),
                threshold: limit,
                otherwise: 'triage',
              } as const;
              expect(route(without, { payload }, null).kind, said).toBe('routed');
            }
          }
        }
      }),
      { numRuns: 60, examples: [[evenedOut, 0.3]] },
    );
  });
});
