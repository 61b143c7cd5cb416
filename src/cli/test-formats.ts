import type { Counterexample, Generated } from '../workflow/cases/generate.ts';
import { percentOf, type TestReport } from '../workflow/cases/report.ts';
import type { CaseResult, Position } from '../workflow/cases/run.ts';
import {
  counterexampleLines,
  coverageSentence,
  failureLines,
  generatedSentence,
} from '../workflow/cases/told.ts';
import { annotation } from '../workflow/report/annotations.ts';
import { unshowable } from './output.ts';

/** The forms of a report for programs. `base`: what a path in the project is relative to, as `services/leads/` or ''. */
export const testFormats: Readonly<
  Record<'tap' | 'junit' | 'github' | 'json', (report: TestReport, base: string) => string>
> = {
  tap,
  junit,
  github,
  json,
};

/** One thing that was tried, whatever its kind. */
interface Trial {
  readonly name: string;
  /** What it belongs to: a case file, or `generated`, `coverage`. */
  readonly suite: string;
  readonly at: Position | null;
  /** Null: it holds. */
  readonly failure: { readonly message: string; readonly lines: readonly string[] } | null;
}

function trialsOf({ results, generated, coverage, coverageMin, diagnostics }: TestReport): Trial[] {
  return [
    ...diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ file, line, column, code, message, help }) => ({
        name: `${file}:${line} can be read`,
        suite: file,
        at: { file, line, column },
        failure: { message: `${code}: ${message}`, lines: [help] },
      })),
    ...results.map(caseTrial),
    ...generated.map(generatedTrial),
    ...(coverageMin === null ? [] : coverage).map((each): Trial => {
      const percent = percentOf(each);
      const name = coverageSentence(each, percent);
      const missing = each.points
        .filter(({ covered }) => !covered)
        .map(({ kind, text }) => `${kind}: ${text}`);
      const message = `${percent} % of ${each.workflow} is covered, and ${coverageMin} % are asked for`;
      const short = percent < (coverageMin ?? 0);
      return { name, suite: 'coverage', at: null, failure: short ? { message, lines: missing } : null };
    }),
  ];
}

function caseTrial({ name, at, failures, reasons }: CaseResult): Trial {
  const [first] = failures;
  if (first === undefined) return { name, suite: at.file, at, failure: null };
  const lines = [
    ...failures.flatMap((failure) => [`${failure.at.file}:${failure.at.line}`, ...failureLines(failure)]),
    'why',
    ...reasons.map(({ rung, text }) => `  ${rung}: ${text}`),
  ];
  const message = failureLines(first)
    .map((line) => line.trim())
    .join(', ')
    .replaceAll(/ +/g, ' ');
  return { name, suite: at.file, at: first.at, failure: { message, lines } };
}

function generatedTrial(generated: Generated): Trial {
  const { workflow, counterexample, runs, seed } = generated;
  const name =
    counterexample === null
      ? generatedSentence(generated)
      : `payloads of ${workflow}, made from its contract`;
  if (counterexample === null) return { name, suite: 'generated', at: null, failure: null };
  const [message = '', ...lines] = counterexampleLines(counterexample, generated);
  const where = `${workflow}, after ${runs} payloads with seed ${seed}`;
  return { name, suite: 'generated', at: null, failure: { message: `${message} (${where})`, lines } };
}

/** TAP 14: https://testanything.org/tap-version-14-specification.html */
function tap(report: TestReport): string {
  const trials = trialsOf(report);
  const lines = trials.flatMap(({ name, at, failure }, index) => {
    const description = oneLine(name).replaceAll('\\', '\\\\').replaceAll('#', '\\#');
    const point = `${failure === null ? 'ok' : 'not ok'} ${index + 1} - ${description}`;
    if (failure === null) return [point];
    const where = at === null ? [] : [`  at: ${JSON.stringify(`${at.file}:${at.line}:${at.column}`)}`];
    const told = failure.lines.map((line) => `    ${oneLine(line)}`);
    return [
      point,
      '  ---',
      `  message: ${JSON.stringify(failure.message)}`,
      ...where,
      '  told: |2',
      ...told,
      '  ...',
    ];
  });
  return ['TAP version 14', `1..${trials.length}`, ...lines].join('\n');
}

/** JUnit XML as Jenkins, GitLab and most others read it. */
function junit(report: TestReport): string {
  const suites = Map.groupBy(trialsOf(report), ({ suite }) => suite);
  const failed = (trials: readonly Trial[]) => trials.filter(({ failure }) => failure !== null).length;
  const body = [...suites].flatMap(([suite, trials]) => [
    `  <testsuite name="${xml(suite)}" tests="${trials.length}" failures="${failed(trials)}">`,
    ...trials.flatMap((trial) => testCase(trial)),
    '  </testsuite>',
  ]);
  const all = [...suites.values()].flat();
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="signalbox" tests="${all.length}" failures="${failed(all)}">`,
    ...body,
    '</testsuites>',
  ].join('\n');
}

function testCase({ name, suite, at, failure }: Trial): string[] {
  const place = at === null ? '' : ` file="${xml(at.file)}" line="${at.line}"`;
  const open = `    <testcase name="${xml(oneLine(name))}" classname="${xml(suite)}"${place}`;
  if (failure === null) return [`${open}/>`];
  const text = xml(failure.lines.join('\n'));
  return [
    `${open}>`,
    `      <failure message="${xml(oneLine(failure.message))}">${text}</failure>`,
    '    </testcase>',
  ];
}

/** XML 1.0 has no place for most control characters, nor for half a surrogate pair. */
function xml(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

/** Workflow commands: each failure at its line of the change; then one line that sums up. */
function github(report: TestReport, base: string): string {
  const trials = trialsOf(report);
  const failed = trials.filter(({ failure }) => failure !== null);
  const commands = failed.map(({ name, at, failure }) => {
    const place: Record<string, string | number> =
      at === null ? {} : { file: base + at.file, line: at.line, col: at.column };
    const text = [failure?.message, ...(failure?.lines ?? [])].join('\n');
    return annotation('error', { ...place, title: oneLine(name) }, text);
  });
  const held = trials.length - failed.length;
  return [...commands, `${report.ok ? 'ok' : 'not ok'}: ${held} hold, ${failed.length} do not`].join('\n');
}

function json(report: TestReport): string {
  const { ok, diagnostics, results, generated, coverage, coverageMin } = report;
  const document = {
    ok,
    diagnostics,
    cases: results.map(({ name, workflow, at, failures, reasons }) => ({
      name,
      workflow,
      ...at,
      ok: failures.length === 0,
      failures: failures.map(({ at: place, kind, what, expected, came }) => ({
        ...place,
        what,
        kind,
        expected: expected ?? null,
        came: came ?? null,
      })),
      reasons: reasons.map(({ rung, code, text }) => ({ rung, code, text })),
    })),
    generated: generated.map(({ counterexample, ...rest }) => ({
      ...rest,
      counterexample: counterexample satisfies Counterexample | null,
    })),
    coverage: coverage.map(({ workflow, covered, points }) => ({
      workflow,
      covered,
      of: points.length,
      percent: percentOf({ workflow, covered, points }),
      not_covered: points.filter((point) => !point.covered).map(({ kind, text }) => ({ kind, text })),
    })),
    coverage_min: coverageMin,
  };
  return JSON.stringify(document, null, 2);
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(unshowable, '\ufffd');
}
