import type { AnswerOf } from '../../api/client.ts';
import type { Column } from '../../parts/csv.ts';
import { span } from '../../parts/moments.ts';
import { texts } from '../../texts/settings.ts';

export type Source = AnswerOf<'listSources'>['sources'][number];

/** How it proves itself, in a word. Pure. */
export function proofOf({ scheme }: Pick<Source, 'scheme'>): string {
  if (scheme === null) return texts.none;
  return scheme === 'none' ? texts.sources.noProof : scheme;
}

export function expectationOf({ expected_every_ms: every }: Pick<Source, 'expected_every_ms'>): string {
  return every === null ? texts.sources.anyTime : texts.sources.every(span(every));
}

export const sourceColumns: readonly Column<Source>[] = [
  { name: 'key', value: (row) => row.key },
  { name: 'summary', value: (row) => row.summary },
  { name: 'path', value: (row) => row.path },
  { name: 'scheme', value: (row) => row.scheme },
  { name: 'expected_every_ms', value: (row) => row.expected_every_ms },
  { name: 'last_seen_at', value: (row) => row.last_seen_at },
  { name: 'workflow', value: (row) => row.workflow },
  { name: 'owner', value: (row) => row.owner },
];

export type Headers = { readonly headers: Readonly<Record<string, string>> } | { readonly bad: string };

/**
 * Headers as people paste them: `Name: value` a line, the same of `curl -H '…'`, or a JSON object. A first line of a
 * request (`POST /in/form HTTP/1.1`) and empty ones are passed over.
 */
export function headersOf(text: string): Headers {
  const given = text.trim();
  if (given.startsWith('{')) return fromJson(given);
  const headers: Record<string, string> = {};
  for (const line of given.split('\n').map(plainLine)) {
    if (line === '' || /^[A-Z]+ \S+ HTTP\/[\d.]+$/.test(line)) continue;
    const [, name, value] = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*:\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return { bad: line };
    const before = headers[name.toLowerCase()];
    headers[name.toLowerCase()] = before === undefined ? value : `${before}, ${value}`;
  }
  return { headers };
}

/** Without what a shell wraps around it. */
function plainLine(line: string): string {
  const bare = line.trim().replace(/\s*\\$/, '');
  const [, , quoted] = /^(?:-H|--header)\s+(['"])(.*)\1$/.exec(bare) ?? [];
  return (quoted ?? bare).trim();
}

function fromJson(text: string): Headers {
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return {
      headers: Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), headerText(value)])),
    };
  } catch {
    return { bad: text.slice(0, 60) };
  }
}

function headerText(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(', ') : String(value);
}
