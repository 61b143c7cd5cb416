import type { Coverage } from '../workflow/cases/coverage.ts';
import { percentOf, type TestReport } from '../workflow/cases/report.ts';
import type { CaseResult, Position } from '../workflow/cases/run.ts';
import {
  counterexampleLines,
  coverageSentence,
  failureLines,
  generatedSentence,
} from '../workflow/cases/told.ts';
import { formatDiagnostic } from '../workflow/diagnostics.ts';
import { type Paint, tame } from './output.ts';

interface TextOptions {
  readonly paint: Paint;
  readonly colours: boolean;
  /** Texts of the case files, for findings. */
  readonly texts: ReadonlyMap<string, string>;
  /** Every point that is not covered is named. */
  readonly coverage: boolean;
  readonly ms: number;
}

/** With more cases than this, only those that fail are named. */
const namedCasesMax = 60;

/** A report for people: by file, what fails with what was expected, what came, and why. */
export function testText(report: TestReport, options: TextOptions): string {
  const { paint, texts, colours } = options;
  const findings = report.diagnostics.map((each) =>
    formatDiagnostic(each, texts.get(each.file), { colours }),
  );
  const files = Map.groupBy(report.results, ({ at }) => at.file);
  const named = report.results.length <= namedCasesMax;
  return [
    ...findings,
    ...[...files].flatMap(([file, results]) => fileBlock(file, results, named, paint)),
    ...generatedBlock(report, paint),
    ...coverageBlock(report, options),
    ending(report, options),
  ].join('\n\n');
}

function fileBlock(file: string, results: readonly CaseResult[], named: boolean, paint: Paint): string[] {
  const blocks = results.flatMap((result) => {
    if (result.failures.length > 0) return [failedCase(result, paint)];
    return named ? [`  ${paint('good', '✔')} ${tame(result.name)}`] : [];
  });
  return blocks.length === 0 ? [] : [[paint('strong', file), ...blocks].join('\n')];
}

function failedCase({ name, at, failures, reasons }: CaseResult, paint: Paint): string {
  const why = reasons.map(({ rung, text }) => `      ${paint('dim', rung.padEnd(9))} ${tame(text)}`);
  return [
    `  ${paint('bad', '✘')} ${paint('strong', tame(name))}  ${paint('dim', place(at))}`,
    ...failures.flatMap((failure) => {
      const [what = '', ...rest] = failureLines(failure).map(tameLine);
      return [
        `      ${paint('bad', what)}  ${paint('dim', place(failure.at))}`,
        ...rest.map((line) => `      ${line}`),
      ];
    }),
    `      ${paint('dim', 'why')}`,
    ...why,
  ].join('\n');
}

/** The indent of a line is ours, the rest may be foreign. */
function tameLine(line: string): string {
  const [indent = ''] = /^ */.exec(line) ?? [];
  return indent + tame(line.slice(indent.length));
}

function place({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

function generatedBlock({ generated }: TestReport, paint: Paint): string[] {
  if (generated.length === 0) return [];
  const lines = generated.flatMap((each) => {
    if (each.counterexample === null) {
      return [
        `  ${each.unable === null ? paint('good', '✔') : paint('warn', '!')} ${generatedSentence(each)}`,
      ];
    }
    const [broken = '', ...rest] = counterexampleLines(each.counterexample, each).map(tameLine);
    const keep = '  keep     signalbox test --keep, which writes it to cases/';
    return [
      `  ${paint('bad', '✘')} ${paint('strong', `A payload that the contract of ${each.workflow} allows`)}`,
      `      ${paint('bad', broken)}`,
      ...[...rest, keep].map((line) => `      ${line}`),
    ];
  });
  return [[paint('strong', 'generated from the contracts'), ...lines].join('\n')];
}

function coverageBlock(
  { coverage, coverageMin }: TestReport,
  { paint, coverage: all }: TextOptions,
): string[] {
  if (coverage.length === 0) return [];
  const lines = coverage.flatMap((each) => {
    const percent = percentOf(each);
    const short = coverageMin !== null && percent < coverageMin;
    const mark = short ? paint('bad', '✘') : paint(each.covered === each.points.length ? 'good' : 'dim', '·');
    const asked = short ? `, and ${coverageMin} % are asked for` : '';
    return [
      `  ${mark} ${coverageSentence(each, percent)}${asked}`,
      ...(all || short ? uncovered(each, paint) : []),
    ];
  });
  return [[paint('strong', 'coverage'), ...lines].join('\n')];
}

function uncovered({ points }: Coverage, paint: Paint): string[] {
  const missing = Map.groupBy(
    points.filter(({ covered }) => !covered),
    ({ kind }) => kind,
  );
  return [...missing].flatMap(([kind, each]) =>
    each.map(
      ({ text }, index) =>
        `      ${paint('dim', index === 0 ? kind.padEnd(13) : ' '.repeat(13))} ${tame(text)}`,
    ),
  );
}

function ending({ ok, results, generated, diagnostics }: TestReport, { paint, ms }: TextOptions): string {
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const broken = generated.filter(({ counterexample }) => counterexample !== null).length;
  const made = generated.reduce((sum, { runs }) => sum + runs, 0);
  const held = counted(results.length - failed, 'case', results.length - failed === 1 ? 'holds' : 'hold');
  const parts = [
    ...(failed > 0 ? [counted(failed, 'case', failed === 1 ? 'fails' : 'fail')] : []),
    held,
    ...(diagnostics.length > 0 ? [counted(diagnostics.length, 'finding', 'in the case files')] : []),
    ...(broken > 0 ? [counted(broken, 'workflow', 'broken by a generated payload')] : []),
    ...(made > 0 ? [counted(made, 'generated payload', 'decided')] : []),
  ];
  return `${ok ? paint('good', '✔') : paint('bad', '✘')} ${parts.join(', ')}  ${paint('dim', `${ms} ms`)}`;
}

function counted(count: number, noun: string, verb: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'} ${verb}`;
}
