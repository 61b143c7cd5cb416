import { describe, expect, test } from 'vitest';
import { testFile } from '../../../test/support/cases.ts';
import { limits } from '../../limits.ts';
import { formatDiagnostic } from '../diagnostics.ts';

const payload = 'payload: { lead_id: L-1, email: Ada@x.example, name: Ada, project_type: web, budget: 5000 }';

function oneCase(...lines: readonly string[]): string {
  return ['workflow: lead', 'cases:', '  - name: one', ...lines.map((line) => `    ${line}`)].join('\n');
}

describe('what is wrong with a case is told with its place', () => {
  test.each<[finding: string, file: string, reason: string]>([
    [
      'SB110 4:5 unknown key `pay_load`, did you mean `payload`?',
      oneCase('pay_load: { a: 1 }'),
      'a misspelt key',
    ],
    [
      'SB110 5:15 unknown key `stat`, did you mean `state`?',
      oneCase(payload, 'expect: { stat: done }'),
      'a misspelt expectation',
    ],
    [
      'SB113 5:22 `finished` is not one of handoff, triage, exception, done, joined, rejected',
      oneCase(payload, 'expect: { state: finished }'),
      'a state that tickets do not have',
    ],
    [
      'SB113 5:34 `contract_violated` is not one of',
      oneCase(payload, 'expect: { exception: { mode: contract_violated } }'),
      'a failure mode that there is none of',
    ],
    [
      'SB114 5:20 `soon` is no deadline',
      oneCase(payload, 'expect: { due: soon }'),
      'neither a duration nor an instant',
    ],
    [
      'SB114 5:20 `2026-03-02T09:15:00` is no deadline',
      oneCase(payload, 'expect: { due: "2026-03-02T09:15:00" }'),
      'an instant that is another one on each machine',
    ],
    [
      'SB113 5:10 this must match format "date-time"',
      oneCase(payload, 'now: 2026-13-02T09:00:00Z'),
      'a clock that no clock shows',
    ],
    ['SB181 5:5 ', oneCase('body: x', 'content_type: image/png'), 'a content type that intake refuses'],
    [
      'SB180 4:15 there is no workflow `laed`',
      oneCase('workflow: laed', payload),
      'a workflow that is not there',
    ],
    ['SB181 3:5 there is no payload', oneCase('expect: { state: done }'), 'nothing to decide'],
    ['SB181 5:5 `payload` and `body` stand together', oneCase(payload, 'body: x'), 'two contents'],
    [
      'SB104 4:14 there is no file payloads/x.json',
      oneCase('payload: ../payloads/x.json'),
      'a file that is not there',
    ],
    [
      'SB104 4:14 `../../x.json` leads out of the project folder',
      oneCase('payload: ../../x.json'),
      'nothing outside is read',
    ],
    [
      'SB181 5:5 the content is not JSON',
      oneCase('body: "a=1"', 'with: { b: 2 }'),
      'a form cannot be merged into',
    ],
    [
      'SB120 5:22 there is no `team:webb`',
      oneCase(payload, 'expect: { route: team:webb }'),
      'a misspelt team',
    ],
    [
      'SB182 5:25 the workflow has no ticket field `mail`',
      oneCase(payload, 'expect: { ticket: { mail: x } }'),
      'so that no `not` holds for a misspelling',
    ],
    [
      'SB182 5:26 the workflow has no handoff `anounce`',
      oneCase(payload, 'expect: { handoffs: [anounce] }'),
      'a misspelt handoff',
    ],
    [
      'SB182 5:37 the workflow has no check `budget`',
      oneCase(payload, 'expect: { exception: { checks: [budget] } }'),
      'a check that is not there',
    ],
    [
      'SB183 5:22 which handoff does `answer` mean?',
      oneCase(payload, 'then: [{ answer: { status: 200 } }]'),
      'there are two',
    ],
    [
      'SB183 5:24 `wait` and `read` stand in one step',
      oneCase(payload, 'then: [{ wait: 1h, read: { handoff: announce } }]'),
      'one thing happens at a time',
    ],
  ])('%s', (finding, file) => {
    const { diagnostics, results, ok } = testFile(file);
    const told = diagnostics.map(({ code, line, column, message }) => `${code} ${line}:${column} ${message}`);
    expect(told.map((each) => each.slice(0, finding.length))).toEqual([finding]);
    expect(formatDiagnostic(diagnostics[0] ?? raise(), file)).toMatch(/= help: \S/);
    expect([results, ok]).toEqual([[], false]);
  });

  test('two cases with one name', () => {
    const { diagnostics } = testFile(`${oneCase(payload)}\n  - name: one\n    ${payload}\n`);
    expect(diagnostics.map(({ code, line }) => [code, line])).toEqual([['SB126', 5]]);
  });

  test('a case that is wrong does not keep the others from being decided', () => {
    const { results } = testFile(`${oneCase('body: x', payload)}\n  - name: two\n    ${payload}\n`);
    expect(results.map(({ name }) => name)).toEqual(['two']);
  });

  test('YAML that is none', () => {
    expect(testFile('cases: [').diagnostics.map(({ code }) => code)).toEqual(['SB101']);
  });

  test('a case may have limits.caseStepsMax steps, and no more', () => {
    const steps = (count: number) =>
      oneCase(payload, `then: [${Array(count).fill('{ wait: 1s }').join(', ')}]`);
    expect(testFile(steps(limits.caseStepsMax)).ok).toBe(true);
    expect(testFile(steps(limits.caseStepsMax + 1)).diagnostics.map(({ code }) => code)).toEqual(['SB113']);
  });
});

function raise(): never {
  throw new Error('nothing was found');
}
