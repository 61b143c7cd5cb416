import { type Diagnostic, diagnosticCodes } from '../diagnostics.ts';

/**
 * Findings as GitHub Actions workflow commands, a line each: they show at their line in the pull request.
 * `folder`: the project's folder within the repository, '' or with a `/` at its end.
 */
export function annotations(diagnostics: readonly Diagnostic[], folder: string): string {
  return diagnostics
    .map(({ file, line, column, length, code, severity, message, help }) => {
      const properties = {
        file: folder + file,
        line,
        col: column,
        endColumn: column + length,
        title: `${code}: ${diagnosticCodes[code]}`,
      };
      return annotation(severity, properties, `${message}\n${help}`);
    })
    .join('\n');
}

/** One workflow command, with its properties and its text escaped. */
export function annotation(
  command: 'error' | 'warning',
  properties: Readonly<Record<string, string | number>>,
  text: string,
): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`);
  return `::${command} ${list.join(',')}::${data(text)}`;
}

/** What ends a command, or would begin another, is written as its percent code. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
