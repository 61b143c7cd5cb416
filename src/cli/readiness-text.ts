import { type Readiness, readinessHelp, readinessParts } from '../workflow/policy/readiness.ts';
import type { Paint } from './output.ts';

/** A line a workflow, with each part stated or missing; below it what to write for those that are missing. */
export function readinessLines(readiness: readonly Readiness[], paint: Paint): string[] {
  const width = Math.max(...readiness.map(({ workflow }) => workflow.length));
  return readiness.flatMap(({ workflow, parts }) => {
    const marks = readinessParts.map((part) => mark(parts[part], part, paint));
    const missing = readinessParts.filter((part) => parts[part] === null);
    return [
      `${paint('strong', workflow.padEnd(width))}  ${marks.join('  ')}`,
      ...missing.map((part) =>
        paint('dim', `${' '.repeat(width)}  ${part} is missing: ${readinessHelp[part]}`),
      ),
    ];
  });
}

/** What one workflow says of each part. */
export function readinessTable({ workflow, parts }: Readiness, paint: Paint): string {
  const width = Math.max(...readinessParts.map((part) => part.length));
  const rows = readinessParts.map((part) => {
    const said = parts[part] ?? paint('dim', `missing: ${readinessHelp[part]}`);
    return `  ${mark(parts[part], part.padEnd(width), paint)}  ${said}`;
  });
  return [paint('strong', workflow), ...rows].join('\n');
}

function mark(said: string | null, text: string, paint: Paint): string {
  return `${said === null ? paint('warn', '✘') : paint('good', '✔')} ${text}`;
}
