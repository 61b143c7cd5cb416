import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { changed, projectTexts } from '../../test/support/project-texts.ts';
import { verifyBy } from '../intake/presets.ts';
import { limits } from '../limits.ts';
import { diagnosticCodes, formatDiagnostic } from './diagnostics.ts';
import { loadProject, referencedFiles } from './load.ts';

const lead = 'workflows/lead.yaml';
const golden = new URL('mistakes.golden.txt', import.meta.url).pathname;

function codes(files: ReadonlyMap<string, string>): string[] {
  return loadProject(files).diagnostics.map(({ code }) => code);
}

test('as many may have to approve as there is a limit for, and no more', () => {
  const asked = (approvals: number) =>
    changed(lead, 'by: team:growth, within: 4h }', `by: team:growth, within: 4h, approvals: ${approvals} }`);
  const said = (approvals: number) => loadProject(asked(approvals)).diagnostics.map(({ message }) => message);
  expect(said(limits.approvalsMax)).toEqual([expect.stringContaining('only one is asked')]);
  expect(said(limits.approvalsMax + 1)).toContain(`this must be at most ${limits.approvalsMax}`);
});

const perTool = 'summary: The project tool\n';
test.each<[what: string, at: string, over: string]>([
  ['timeout', `timeout: ${limits.attemptTimeoutMaxMs}ms`, `timeout: ${limits.attemptTimeoutMaxMs + 1}ms`],
  [
    'concurrency',
    `concurrency: ${limits.destinationConcurrencyMax}`,
    `concurrency: ${limits.destinationConcurrencyMax + 1}`,
  ],
])('a destination states its %s up to the limit, and no further', (_, at, over) => {
  const stated = (text: string) => codes(changed('signalbox.yaml', perTool, `${perTool}    ${text}\n`));
  expect(stated(at)).toEqual([]);
  expect(stated(over)).toHaveLength(1);
});

test('a callback of a source that proves nothing is none', () => {
  const from = '      same: [text]\n';
  const called =
    '    body: { text: route, ref: outcome.key }\n    after: [create-project]\n    outcome:\n      callback: { from: meta-ads, match: result.ref }\n      that: result.ok\n';
  const text = projectTexts[lead] ?? '';
  const start = text.indexOf('    body: { text: route }');
  const end = text.indexOf(from, start) + from.length;
  const files = changed(
    'signalbox.yaml',
    '{ scheme: github, secret: { env: META_SECRET } }',
    '{ scheme: none }',
  );
  files.set(lead, text.slice(0, start) + called + text.slice(end));
  expect(codes(files)).toEqual(['SB150']);
});

test('a sound project loads without a finding, with its defaults filled in', () => {
  const { project, diagnostics } = loadProject(changed(lead, '', ''));
  expect(diagnostics).toEqual([]);
  expect(project?.server).toEqual({ host: '127.0.0.1', port: 8321, trustedProxies: [] });
  expect(project?.sources.get('meta-ads')?.verify).toEqual(verifyBy('github', [{ env: 'META_SECRET' }]));
  expect(project?.destinations.get('pm-tool')).toMatchObject({
    url: 'https://pm.example.com/api',
    idempotencyHeader: 'Idempotency-Key',
    allowPrivate: false,
  });
  const workflow = project?.workflows.get('lead');
  expect(workflow?.routes).toMatchObject({ threshold: 0.8, otherwise: 'triage' });
  expect(workflow?.exceptions.claimLeaseMs).toBe(limits.claimLeaseMs);
  expect(workflow?.handoffs.map(({ request }) => `${request.method} ${request.path}`)).toEqual([
    'POST /projects',
    'POST /messages',
  ]);
  expect(workflow?.handoffs[1]?.retry).toEqual({
    attemptsMax: limits.retryAttempts,
    forMs: limits.retryForMs,
  });
});

describe('every kind of mistake', () => {
  const sections = readFileSync(golden, 'utf8').split(/^(?==== |#### )/m);
  const answers = sections.map((section) => (section.startsWith('=== ') ? answered(section) : section));
  const rows = sections.map((section, index) => [
    section.split('\n')[0] ?? '',
    section,
    answers[index] ?? '',
  ]);

  test.each(rows)('%s', (_, section, answer) => {
    expect(answer).toBe(section);
  });

  test('mistakes.golden.txt is up to date', async () => {
    await expect(answers.join('')).toMatchFileSnapshot(golden);
  });

  test('mistakes.golden.txt has one of each code', () => {
    const shown = new Set(answers.join('').match(/SB\d{3}/g));
    // SB105 takes a file of 16 MB, SB106 one that is run: they have tests of their own.
    // SB18x are about cases, which cases/compile.test.ts shows.
    const unshown = Object.keys(diagnosticCodes).filter((code) => !shown.has(code) && !/^SB18/.test(code));
    expect(unshown).toEqual(['SB105', 'SB106']);
  });
});

/** One case of the golden file with the findings as they are now. */
function answered(section: string): string {
  const [reason = '', file = '', ...rest] = section.split('\n');
  const change = rest.slice(0, rest.indexOf(''));
  const files = edited(file, change);
  const findings = loadProject(files).diagnostics.map((each) => formatDiagnostic(each, files.get(each.file)));
  return `${[[reason, file, ...change].join('\n'), ...findings].join('\n\n')}\n\n`;
}

function edited(file: string, change: readonly string[]): Map<string, string> {
  if (change[0] === '(gone)') return changed(file, null, null);
  const [, original = file] = /^\(a copy of (.+)\)$/.exec(change[0] ?? '') ?? [];
  const text = projectTexts[original] ?? '';
  const lines = (sign: string) => change.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
  const [from, to] = [lines('-'), lines('+')];
  if (from[0] === '*') return changed(file, null, to.join('\n'));
  const before = text.split('\n');
  const at = before.findIndex((_, index) => from.every((line, offset) => before[index + offset] === line));
  if (at === -1) throw new Error(`${original} has no lines ${from.join('\n')}`);
  return changed(file, null, [...before.slice(0, at), ...to, ...before.slice(at + from.length)].join('\n'));
}

test('a document that merges what is written elsewhere in it (`<<: *base`) is read so', () => {
  const merged = (files: ReadonlyMap<string, string>) =>
    loadProject(files).project?.workflows.get('lead')?.handoffs[0]?.request.requestContract?.schema;
  const written = 'type: object\n      properties:\n        id: { type: string }\n';
  const files = changed(
    'pm-tool.openapi.yaml',
    `    Project:\n      ${written}`,
    `    Base: &base { type: object, required: [name] }\n    Project:\n      <<: *base\n      properties:\n        id: { type: string }\n`,
  );
  expect(JSON.stringify(merged(files))).toContain('"required":["name"]');
});

test('all findings are told at once, in the order of the files', () => {
  const files = changed('signalbox.yaml', 'owner: person:dana', 'owner: person:dena');
  const text = (files.get(lead) ?? '')
    .replace('ttl: 15m', 'tll: 15m')
    .replace('"web"', '"web" +')
    .replace('to: pm-tool', 'to: pmtool')
    .replace('owner: team:growth', 'owner: team:grwth');
  files.set(lead, text);
  expect(codes(files)).toEqual(['SB120', 'SB120', 'SB140', 'SB122', 'SB110']);
});

test.each<[to: string | null, expected: string[], reason: string]>([
  [null, ['SB173'], 'without an undo nothing goes there'],
  ['admin', [], 'what is taken back goes there'],
  ['adnim', ['SB122'], 'there is no such destination, and that is the finding'],
])('an undo at %s: %s, %s', (to, expected) => {
  const admin =
    'destinations:\n  admin: { summary: May delete, url: https://pm.example/admin, auth: { scheme: none } }';
  const files = changed('signalbox.yaml', 'destinations:', admin);
  const undo = `    undo:
      to: ${to}
      operation: DELETE /projects
      outcome: { confirm: { by: team:web, checklist: [It is gone] }, within: 5m }
`;
  const [before = '', after = ''] = (files.get(lead) ?? '').split('    retry: { attempts: 3');
  files.set(lead, `${before}${to === null ? '' : undo}    retry: { attempts: 3${after}`);
  expect(codes(files)).toEqual(expected);
});

test('a file of the language may have limits.fileBytesMax, and no more', () => {
  const padded = (length: number) => (projectTexts[lead] ?? '').padEnd(length, ' ');
  expect(codes(changed(lead, null, padded(limits.fileBytesMax)))).toEqual([]);
  expect(codes(changed(lead, null, padded(limits.fileBytesMax + 1)))).toContain('SB105');
});

test('a workflow may have limits.handoffsMax handoffs, and no more', () => {
  const whole = projectTexts[lead] ?? '';
  const second = whole.slice(whole.indexOf('  - id: announce'), whole.indexOf('exceptions:'));
  const more = (count: number) =>
    Array.from({ length: count }, (_, index) => second.replace('announce', `announce-${index}`)).join('');
  expect(codes(changed(lead, 'exceptions:', `${more(limits.handoffsMax - 2)}exceptions:`))).toEqual([]);
  expect(codes(changed(lead, 'exceptions:', `${more(limits.handoffsMax - 1)}exceptions:`))).toEqual([
    'SB113',
  ]);
});

test('the files that a project refers to are found in files that do not compile, and stay in the folder', () => {
  const files = changed(lead, 'owner: team:growth\n', '');
  expect(referencedFiles(files)).toEqual(['pm-tool.openapi.yaml', 'contracts/lead.schema.json']);
  const outside = changed(lead, '../contracts/lead.schema.json', '../../etc/passwd');
  expect(referencedFiles(outside)).toEqual(['pm-tool.openapi.yaml']);
});

describe('whatever stands in a file, loading ends with findings that have their place', () => {
  const file = fc.constantFrom(...Object.keys(projectTexts));
  // Each run compiles a project: some of them say enough.
  const runs = { numRuns: 40 };
  const isSound = (files: ReadonlyMap<string, string>) => {
    const { project, diagnostics } = loadProject(files);
    expect(project === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
    for (const diagnostic of diagnostics) {
      expect(diagnostic.line).toBeGreaterThan(0);
      expect(diagnostic.column).toBeGreaterThan(0);
      expect(diagnostic.help).not.toBe('');
      expect(formatDiagnostic(diagnostic, files.get(diagnostic.file))).toContain(diagnostic.code);
    }
  };

  test('any text', () => {
    fc.assert(
      fc.property(file, fc.string({ unit: 'binary' }), (path, text) => isSound(changed(path, null, text))),
      runs,
    );
  });

  test('any YAML', () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(file, value, (path, data) => isSound(changed(path, null, stringify(data)))),
      runs,
    );
  });

  test('the language with a stretch cut out or put in', () => {
    const put = fc.oneof(
      fc.constant(''),
      fc.string(),
      fc.constantFrom('\n', ': ', '- ', '{', '[', '"', '|', '*a', '&a '),
    );
    fc.assert(
      fc.property(file, fc.nat(), fc.nat(40), put, (path, at, length, text) => {
        const whole = projectTexts[path] ?? '';
        const start = at % whole.length;
        isSound(changed(path, null, whole.slice(0, start) + text + whole.slice(start + length)));
      }),
      runs,
    );
  });

  test('any value where the language has another', () => {
    const keys = [
      'owner',
      'trigger',
      'ticket',
      'checks',
      'routes',
      'handoffs',
      'exceptions',
      'people',
      'sources',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }), (key, data) => {
        for (const path of [lead, 'signalbox.yaml']) {
          const text = `${projectTexts[path]}`.replace(new RegExp(`^${key}:.*\\n([ -].*\\n)*`, 'm'), '');
          isSound(changed(path, null, `${text}${JSON.stringify(key)}: ${JSON.stringify(data)}\n`));
        }
      }),
      runs,
    );
  });
});
