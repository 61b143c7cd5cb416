import { type Diagnostic, type DiagnosticCode, diagnosticCodes } from '../diagnostics.ts';
import { diagnosticPages } from './pages.ts';

const codes = Object.keys(diagnosticCodes) as DiagnosticCode[];

/**
 * Findings as a SARIF 2.1.0 log, for code scanning. `folder`: the project's folder within the repository, '' or with
 * a `/` at its end; `version`: this program's.
 */
export function sarif(diagnostics: readonly Diagnostic[], folder: string, version: string): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'signalbox', version, rules: codes.map(rule) } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((each) => result(each, folder)),
      },
    ],
  };
}

function rule(code: DiagnosticCode) {
  const { why, instead } = diagnosticPages[code];
  return {
    id: code,
    shortDescription: { text: diagnosticCodes[code] },
    fullDescription: { text: why },
    help: { text: `${instead} See docs/reference/diagnostics.md#${code.toLowerCase()}.` },
  };
}

function result({ file, line, column, length, code, severity, message, help }: Diagnostic, folder: string) {
  const region = { startLine: line, startColumn: column, endColumn: column + length };
  const uri = (folder + file).split('/').map(encodeURIComponent).join('/');
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: `${message}\n${help}` },
    locations: [{ physicalLocation: { artifactLocation: { uri, uriBaseId: '%SRCROOT%' }, region } }],
  };
}
