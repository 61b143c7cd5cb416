import { failureModes } from '../../exceptions/exception.ts';
import { type DiagnosticCode, diagnosticCodes } from '../diagnostics.ts';
import { proposedChecklists } from '../policy/checklists.ts';
import { diagnosticPages } from './pages.ts';

/**
 * docs/reference/diagnostics.md: a section for every code, with an example that is wrong and what is said of it.
 * `golden`: the text of mistakes.golden.txt, whose cases the tests compare with what is really said. Pure.
 */
export function diagnosticsMarkdown(golden: string): string {
  const examples = examplesOf(golden);
  const codes = Object.keys(diagnosticCodes) as DiagnosticCode[];
  return `${[preamble, ...codes.map((code) => page(code, examples))].join('\n\n')}\n`;
}

const preamble = `# What \`signalbox check\` finds

<!-- Made from src/workflow/report/pages.ts and mistakes.golden.txt by report/reference.ts. Do not edit; run \`npx vitest run src/workflow/report -u\`. -->

A finding is an **error** or a **warning**. With an error nothing of the project is put in force and \`signalbox check\` exits 1; warnings
alone let it pass with 0. Codes are stable. All findings are told at once.

\`signalbox check --format json\` prints them as \`[{file, line, column, code, severity, message, help}]\`, \`--format github\` as annotations of
a pull request, \`--format sarif\` for code scanning. Lines and columns count from 1, and files are named from the project folder
(in annotations and SARIF from the folder where the command runs).

The examples change a small project; \`-\` is what stood there before, \`+\` what is wrong.`;

interface Example {
  /** Why it is a mistake. */
  readonly reason: string;
  readonly file: string;
  /** The lines taken away and put there. */
  readonly change: string;
  /** What is said, finding by finding. */
  readonly findings: readonly string[];
}

function page(code: DiagnosticCode, examples: readonly Example[]): string {
  const { why, instead } = diagnosticPages[code];
  const example = exampleOf(code, examples);
  return [
    `## ${code}`,
    `**${sentence(diagnosticCodes[code])}.** ${why}`,
    `**Instead:** ${instead}`,
    ...(code === 'SB174' ? [fenced('yaml', proposedChecklists(failureModes))] : []),
    ...(example === null ? [] : [shown(example, code)]),
  ].join('\n\n');
}

/** The example that says the least beside it. */
function exampleOf(code: DiagnosticCode, examples: readonly Example[]): Example | null {
  const [best] = examples
    .filter(({ findings }) => findings.some((finding) => isOf(finding, code)))
    .sort((a, b) => a.findings.length - b.findings.length);
  return best ?? null;
}

function shown({ reason, file, change, findings }: Example, code: DiagnosticCode): string {
  const told = findings.filter((finding) => isOf(finding, code)).join('\n\n');
  return [`For example, ${reason}: in \`${file}\``, fenced('diff', change), fenced('text', told)].join(
    '\n\n',
  );
}

function isOf(finding: string, code: string): boolean {
  return /^\w+\[(\w+)\]/.exec(finding)?.[1] === code;
}

function examplesOf(golden: string): Example[] {
  return golden
    .split(/^(?==== |#### )/m)
    .filter((section) => section.startsWith('=== '))
    .map((section) => {
      const [head = '', ...rest] = section.trimEnd().split('\n\n');
      const [reason = '', file = '', ...change] = head.split('\n');
      const written = change.filter((line) => /^[-+]/.test(line));
      const findings = rest.join('\n\n').split(/\n\n(?=(?:error|warning)\[)/);
      return { reason: reason.slice(4), file, change: changeOf(change, written), findings };
    });
}

/** What is not written as lines is said: the file is gone, or is a copy. */
function changeOf(change: readonly string[], written: readonly string[]): string {
  const lines = written.map((line) => (line === '-*' ? '- (all of it)' : line)).join('\n');
  if (lines !== '') return lines;
  return change[0] === '(gone)' ? '- (the file is gone)' : `+ ${change[0] ?? ''}`;
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
