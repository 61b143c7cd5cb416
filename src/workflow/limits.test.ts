import fc from 'fast-check';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { told } from '../../test/support/cases.ts';
import { withLimits } from '../../test/support/limits.ts';
import { changed, projectTexts } from '../../test/support/project-texts.ts';
import { compileContract } from '../contract/schema.ts';
import { limits } from '../limits.ts';
import { shapeOf, worldsOf } from './analysis/shape.ts';
import { valuesOf } from './cases/arbitrary.ts';
import { redact } from './cases/redact.ts';
import { caseFileSchema } from './cases/schema.ts';
import { contractDifferences } from './difference/contract.ts';
import { explained } from './explanation/explanation.ts';
import { compileExpression, expressionEnvironment } from './expression.ts';
import { loadProject } from './load.ts';
import { evaluatedFrom } from './module/plain-data.ts';
import { addTally, type Group, newTally, type Tally } from './plan/tally.ts';

/** Bounds of the language and of what looks into it, each at its edge. */

const root = 'signalbox.yaml';
const codes = (files: ReadonlyMap<string, string>) => loadProject(files).diagnostics.map(({ code }) => code);

describe('what a project file may say', () => {
  const source = (text: string) =>
    changed(root, '    owner: person:dana\n', `    owner: person:dana\n    ${text}\n`);
  const rate = (requests: number, per = '1s') => source(`rate_limit: { requests: ${requests}, per: ${per} }`);
  const poll = (pages: number) =>
    source(
      `poll: { every: 5m, from: chat, operation: GET /leads, triggers: response.data, cursor: last.id, pages_max: ${pages} }`,
    );
  const again = (times: number) => {
    const after = Array.from({ length: times }, (_, index) => `${index + 1}d`).join(', ');
    const url = '    url: https://chat.example.com\n';
    return changed(root, url, `${url}    read_again: { after: [${after}] }\n`);
  };
  const days = limits.rateLimitPerMaxMs / 86_400_000;
  test.each<[files: Map<string, string>, faults: number, reason: string]>([
    [rate(limits.rateLimitRequestsMax), 0, 'as many requests as may be'],
    [rate(limits.rateLimitRequestsMax + 1), 1, 'one more'],
    [rate(1, `${days}d`), 0, 'counted in the longest time'],
    [rate(1, `${limits.rateLimitPerMaxMs / 1_000 + 1}s`), 1, 'a second longer'],
    [poll(limits.pollPagesMax), 0, 'as many pages as a poll may read'],
    [poll(limits.pollPagesMax + 1), 1, 'one more'],
    [again(limits.readAgainMax), 0, 'as many readings as there may be'],
    [again(limits.readAgainMax + 1), 1, 'one more'],
  ])('line %#', (files, faults) => {
    const of = codes(files).filter((code) => code !== 'SB168' && code !== 'SB161');
    const [before] = [codes(changed(root, '', ''))];
    expect(of.filter((code) => !before?.includes(code) && /SB11/.test(code))).toHaveLength(faults);
  });
});

test('a destination that says nothing of its times has those of the limits', () => {
  const { project } = loadProject(new Map(Object.entries(projectTexts)));
  expect(project?.destinations.get('chat')).toMatchObject({
    timeoutMs: limits.attemptTimeoutMs,
    timeouts: {
      connectMs: limits.connectTimeoutMs,
      headersMs: limits.headersWaitMs,
      bodyMs: limits.bodyWaitMs,
    },
  });
});

describe('what an expression may spend', () => {
  const environment = expressionEnvironment({ payload: true });
  const evaluate = (source: string, payload: unknown) =>
    compileExpression(source, environment).expression.evaluate({ payload });
  const list = (length: number) => Array.from({ length }, () => 'x');
  test.each<[turns: number, refused: boolean, reason: string]>([
    [limits.expressionStepsMax, false, 'all of it'],
    [limits.expressionStepsMax + 1, true, 'one step more'],
  ])('%i turns of a loop are refused: %s, %s', (turns, refused) => {
    const all = () => evaluate('payload.all(x, true)', list(turns));
    if (refused) expect(all).toThrow('takes more than 250,000 steps');
    else expect(all()).toBe(true);
    expect(evaluate('payload.all(x, true)', list(2)), 'and the next begins anew').toBe(true);
  });
  const { expressionTextCharsMax: chars } = limits;
  const text = (length: number) => 'x'.repeat(length);
  const made: Record<string, (length: number) => unknown> = {
    'payload + "x"': (length) => text(length - 1),
    'payload.replace("a", "bb")': (length) => `a${text(length - 2)}`,
    'payload.join("")': (length) => [text(length - 1), 'x'],
  };
  test.each<[source: string, length: number, refused: boolean, reason: string]>([
    ['payload + "x"', chars, false, 'a sum'],
    ['payload + "x"', chars + 1, true, 'one more'],
    ['payload.replace("a", "bb")', chars, false, 'a replacement'],
    ['payload.replace("a", "bb")', chars + 1, true, 'one more'],
    ['payload.join("")', chars, false, 'a list joined'],
    ['payload.join("")', chars + 1, true, 'one more'],
  ])('%s that makes a text of %i characters is refused: %s, %s', (source, length, refused) => {
    const size = () => evaluate(`size(${source})`, made[source]?.(length));
    if (refused) expect(size).toThrow('The text would be longer');
    else expect(size()).toBe(length);
  });
});

test.each<[alternatives: number, worlds: number, reason: string]>([
  [limits.analysisWorldsMax, limits.analysisWorldsMax, 'each is looked at by itself'],
  [limits.analysisWorldsMax + 1, 1, 'one more: they are laid together'],
])('a contract of %i alternatives is looked at as %i: %s', (alternatives, worlds) => {
  const kind = (index: number) => ({
    type: 'object',
    required: ['kind'],
    properties: { kind: { const: `kind${index}` } },
  });
  const schema = { oneOf: Array.from({ length: alternatives }, (_, index) => kind(index)) };
  const reads = { members: new Map([['kind', { members: new Map() }]]) };
  expect(worldsOf(schema, reads)).toHaveLength(worlds);
  expect(shapeOf(schema).member('kind').shape.domain.values).toHaveLength(alternatives);
});

test('what check looks into is found with as many steps as that takes, and not with one fewer', () => {
  const files = changed('workflows/lead.yaml', 'ticket.budget >= 500.0', 'payload.utm.source == "x"');
  const found = (steps: number) => {
    withLimits({ analysisStepsMax: steps });
    return codes(files).includes('SB160');
  };
  let needed = 0;
  while (!found(needed) && needed < 2_000) needed += 1;
  expect(needed).toBeGreaterThan(1);
  expect([found(needed - 1), found(needed)]).toEqual([false, true]);
});

test.each<[cases: number, sound: boolean, reason: string]>([
  [limits.casesPerFileMax, true, 'as many as may be'],
  [limits.casesPerFileMax + 1, false, 'one more'],
])('%i cases of one file are sound: %s, %s', (count, sound) => {
  const cases = Array.from({ length: count }, () => ({ name: 'one', payload: {} }));
  expect(Value.Check(caseFileSchema, { workflow: 'lead', cases })).toBe(sound);
});

test.each<[deadlines: number, responsible: string, reason: string]>([
  [2, 'person:omar', 'both pass while it waits'],
  [1, 'person:dana', 'one more than are followed'],
])('a case that may wait past %i deadlines comes to %s: %s', (caseDeadlinesMax, responsible) => {
  withLimits({ caseDeadlinesMax });
  const payload = { lead_id: 'L-1', email: 'a@x.example', name: 'Ada', project_type: 'print', budget: 5000 };
  const then = [{ wait: '11m', expect: { exception: { mode: 'contract_violation', responsible } } }];
  expect(told({ payload, then })).toEqual([]);
});

test('generated payloads are nested so deep by choice, and deeper only where they must', () => {
  const { generatedDepthMax: max } = limits;
  const nested = (levels: number, required: boolean): object => ({
    type: 'object',
    additionalProperties: false,
    properties: levels === 0 ? {} : { in: nested(levels - 1, required) },
    required: levels > 0 && required ? ['in'] : [],
  });
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null && 'in' in value ? 1 + depthOf(value.in) : 0;
  const deepest = (required: boolean) => {
    const made = valuesOf(nested(max + 3, required), { texts: [], numbers: [] });
    return Math.max(...fc.sample(made, { numRuns: 2_000, seed: 1 }).map(depthOf));
  };
  expect([deepest(false), deepest(true)]).toEqual([max, max + 3]);
});

test.each<[values: number, kept: string[], reason: string]>([
  [2, ['/b'], 'each is tried, and what the decision reads stays'],
  [3, ['/b', '/c'], 'one more is not tried, and stays'],
])('of %i values of a payload stay %j: %s', (values, kept) => {
  withLimits({ redactedValuesMax: 2 });
  const value = Object.fromEntries(['a', 'b', 'c'].slice(0, values).map((name) => [name, 'Ada Lindqvist']));
  const same = (redacted: unknown) => (redacted as typeof value).b === value.b;
  expect(redact(value, {}, same).kept.toSorted()).toEqual(kept);
});

test.each<[differences: number, listed: number, reason: string]>([
  [limits.differencesMax, limits.differencesMax, 'all of them'],
  [limits.differencesMax + 1, limits.differencesMax, 'one more is not listed'],
])('of %i differences of two contracts %i are listed: %s', (differences, listed) => {
  const properties = Object.fromEntries(
    Array.from({ length: differences }, (_, index) => [`name${index}`, {}]),
  );
  const contract = (document: object) => compileContract({ document, pointer: '', name: 'x' });
  const before = contract({ type: 'object', properties });
  const after = contract({ type: 'object', properties, required: Object.keys(properties) });
  const found = contractDifferences(before, after);
  expect(found).toHaveLength(listed);
});

test.each<[chars: number, refused: boolean, reason: string]>([
  [limits.moduleDataCharsMax, false, 'as large as may be'],
  [limits.moduleDataCharsMax + 1, true, 'one more'],
])('a module that exports %i characters is refused: %s, %s', (chars, refused) => {
  const frame = 'text' in evaluatedFrom('') ? (evaluatedFrom('') as { text: string }).text.length : 0;
  const made = evaluatedFrom('x'.repeat(chars - frame));
  expect('fault' in made).toBe(refused);
});

describe('a plan', () => {
  const group = (to: string, examples: string[]): Group => ({
    workflow: 'leads',
    from: 'done',
    to,
    count: 1,
    examples,
  });
  const tallied = (groups: readonly Group[]): Tally => {
    const tally = newTally();
    for (const each of groups) addTally(tally, { ...newTally(), groups: new Map([['', each]]) });
    return tally;
  };
  const kinds = (count: number) => Array.from({ length: count }, (_, index) => group(`${index}`, ['a']));
  test.each<[groups: number, ungrouped: number, reason: string]>([
    [limits.planGroupsMax, 0, 'as many as are kept apart'],
    [limits.planGroupsMax + 1, 1, 'one more is counted alone'],
  ])('keeps %i kinds of difference apart but for %i: %s', (groups, ungrouped) => {
    const tally = tallied(kinds(groups));
    expect([tally.groups.size, tally.ungrouped]).toEqual([groups - ungrouped, ungrouped]);
  });
  test('names so many tickets of each, the newest', () => {
    const tickets = Array.from({ length: limits.planExamplesMax + 1 }, (_, index) => `t${index}`);
    const named = (count: number) =>
      [...tallied(tickets.slice(0, count).map((each) => group('x', [each]))).groups.values()][0]?.examples;
    expect(named(limits.planExamplesMax)).toEqual(tickets.slice(0, -1).reverse());
    expect(named(limits.planExamplesMax + 1)).toEqual(tickets.slice(1).reverse());
  });
});

describe('what would change an answer', () => {
  const { project } = loadProject(new Map(Object.entries(projectTexts)));
  const workflow = project?.workflows.get('lead');
  if (workflow === undefined) throw new Error('it compiles');
  const explain = (payload: object) => {
    const body = Buffer.from(JSON.stringify(payload));
    const trigger = { source: 'meta-ads', contentType: 'application/json', headers: {}, body };
    const at = new Date('2026-03-02T09:00:00Z');
    return { body, ...explained(workflow, trigger, { holder: null, rerouteTo: null }, at) };
  };
  const lead = { lead_id: 'L-1', email: 'a@x.example', name: 'Ada', project_type: 'web', budget: 5000 };
  const wrong = { ...lead, budget: -1, name: 7, project_type: 'wbe' };
  const free = { lead: explain(lead).tried, wrong: explain(wrong).tried };
  test.each<[payload: object, near: Parameters<typeof withLimits>[0], tried: number, reason: string]>([
    [lead, { explanationTriesMax: free.lead }, free.lead, 'as many tries as there are changes'],
    [lead, { explanationTriesMax: free.lead - 1 }, free.lead - 1, 'one fewer'],
    [wrong, { explanationTriesMax: free.wrong }, free.wrong, 'repairs count too'],
    [wrong, { explanationTriesMax: 2 }, 2, 'and nothing is tried beyond'],
    [lead, { explanationBytesMax: explain(lead).body.length * 2 }, 2, 'twice the payload: two tries'],
    [lead, { explanationBytesMax: explain(lead).body.length * 2 - 1 }, 1, 'a byte less: one'],
  ])('line %#', (payload, near, tried) => {
    withLimits(near);
    expect(explain(payload).tried).toBe(tried);
  });
  const all = explain(lead).changes.length;
  test.each<[max: number, told: number, reason: string]>([
    [all, all, 'all of them'],
    [all - 1, all - 1, 'one is not told'],
  ])('where %i may be told %i are: %s', (explanationChangesMax, toldOf) => {
    expect(all).toBeGreaterThan(1);
    withLimits({ explanationChangesMax });
    expect(explain(lead).changes).toHaveLength(toldOf);
  });
});
