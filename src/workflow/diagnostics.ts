/** The closed list of what can be wrong with a project. Codes are stable: people search for them. */
export const diagnosticCodes = {
  SB101: 'not valid YAML',
  SB102: 'a key twice',
  SB103: 'an alias',
  SB104: 'a file is missing',
  SB105: 'a file is too big',
  SB106: 'a TypeScript file that comes to no workflow',
  SB110: 'an unknown key',
  SB111: 'a key is missing',
  SB112: 'a value of the wrong type',
  SB113: 'a value that is not allowed',
  SB114: 'not a duration',
  SB115: 'a secret in the file',
  SB116: 'keys that do not go together',
  SB120: 'an unknown person or team',
  SB121: 'an unknown source',
  SB122: 'an unknown destination',
  SB123: 'an unknown operation',
  SB124: 'a parameter is unknown or missing',
  SB125: 'the owner is the alternate',
  SB126: 'a name twice',
  SB127: 'handoffs that wait for each other',
  SB128: 'two workflows on one source',
  SB129: 'deadlines in the wrong order',
  SB130: 'a contract cannot be used',
  SB131: 'an API document cannot be used',
  SB132: 'a contract that needs care',
  SB133: 'a document with a fault',
  SB140: 'an expression is not valid CEL',
  SB141: 'an expression of the wrong type',
  SB150: 'a handoff without proof',
  SB160: 'a field that may be missing',
  SB161: 'a null or a zero that cannot be computed with',
  SB162: 'a value that cannot occur',
  SB163: 'a condition that never holds',
  SB164: 'rules in each other’s way',
  SB165: 'a threshold that is not reached',
  SB166: 'a check that never fails',
  SB167: 'a check that no ticket passes',
  SB168: 'a request that is refused',
  SB169: 'a proof that cannot be given',
  SB170: 'an escalation that goes in circles',
  SB171: 'somebody who cannot be reached',
  SB172: 'a source that nobody reads',
  SB173: 'a destination that nothing goes to',
  SB174: 'a failure mode without a checklist',
  SB178: 'a list that cannot be compared',
  SB180: 'a case of no workflow',
  SB181: 'a payload that a case cannot have',
  SB182: 'a name that a case cannot expect',
  SB183: 'a step that cannot be played',
} as const;

export type DiagnosticCode = keyof typeof diagnosticCodes;

/** One finding of `signalbox check`. Lines and columns count from 1, columns and lengths in UTF-16 units. */
export interface Diagnostic {
  /** Path in the project folder. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning';
  /** What is wrong, one sentence. */
  readonly message: string;
  /** Why it matters and what to write instead. */
  readonly help: string;
}

export interface FormatOptions {
  /** ANSI colours. */
  readonly colours?: boolean;
}

/**
 * Prints a finding as a compiler does: code and message, file:line:column, the source line with the place underlined, help.
 * `sourceText` is the file's text; without it the line is left out. A line that holds a secret is not repeated.
 */
export function formatDiagnostic(
  diagnostic: Diagnostic,
  sourceText: string | undefined,
  options: FormatOptions = {},
): string {
  const { file, line, column, code, severity, message, help } = diagnostic;
  const paint = (style: number, text: string) =>
    options.colours ? `\u001b[${style}m${text}\u001b[0m` : text;
  const gutter = ' '.repeat(String(line).length);
  const rows = [
    `${paint(severity === 'error' ? 31 : 33, `${severity}[${code}]`)}: ${message}`,
    `${gutter}${paint(34, '-->')} ${file}:${line}:${column}`,
  ];
  const excerpt = code === 'SB115' ? undefined : excerptOf(diagnostic, sourceText);
  if (excerpt !== undefined) {
    const bar = paint(34, '|');
    rows.push(`${gutter} ${bar}`);
    rows.push(`${paint(34, String(line))} ${bar} ${excerpt.text}`);
    rows.push(`${gutter} ${bar} ${excerpt.indent}${paint(31, excerpt.carets)}`);
  }
  // What there is to write may have lines of its own.
  rows.push(`${gutter} ${paint(34, '=')} help: ${help.replaceAll('\n', `\n${gutter}         `)}`);
  return rows.join('\n');
}

const excerptCharsMax = 160;

function excerptOf({ line, column, length }: Diagnostic, sourceText: string | undefined) {
  const full = sourceText?.split(/\r\n|\n|\r/)[line - 1];
  if (full === undefined || full.trim() === '') return undefined;
  // A minified line is shown from shortly before the place.
  const from = column > excerptCharsMax ? column - 40 : 0;
  const text = visible(full.slice(from, from + excerptCharsMax));
  const start = Math.min(column - 1 - from, text.length);
  const carets = '^'.repeat(Math.max(1, Math.min(length, text.length - start)));
  // Tabs stay tabs, so that the carets stand under their text however wide a tab is.
  const indent = text.slice(0, start).replace(/[^\t]/g, ' ');
  return { text, indent, carets };
}

/** Control characters of a file must not reach the terminal. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}
