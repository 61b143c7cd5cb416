import type { DriftJson } from '../api/drift.ts';
import { type Paint, table } from './output.ts';

/** Findings as a table, each with the counts that it rests on. */
export function driftText(findings: readonly DriftJson[], paint: Paint): string {
  const rows = findings.map((each) => [
    String(each.id),
    each.kind === '' ? each.source : `${each.source} ${each.kind}`,
    each.path,
    each.opened_at.slice(0, 16).replace('T', ' '),
    stateOf(each),
    sentence(each),
  ]);
  return table(['id', 'source', 'field', 'since (UTC)', 'state', 'what has changed'], rows, paint);
}

function stateOf({ closed_because: because, acknowledged_by: by }: DriftJson): string {
  if (because !== null) return because === 'over' ? 'over' : 'in contract';
  return by === null ? 'open' : 'known';
}

/** What has changed, with the counts that say so. */
function sentence(finding: DriftJson): string {
  const { change, what, before_of: of, before_seen: seen, now_of: nowOf, now_seen: now } = finding;
  const known = finding.reason === null ? '' : ` (${finding.acknowledged_by}: ${finding.reason})`;
  switch (change) {
    case 'appeared':
      return `appeared: in ${now} of the last ${nowOf}, in none of ${of} before${known}`;
    case 'vanished':
      return `vanished: in ${now} of the last ${nowOf}, in ${seen} of ${of} before${known}`;
    case 'type':
      return `is ${withArticle(typeNames[what] ?? what)} in ${now} of the last ${nowOf}, in none of ${of} before${known}`;
    case 'format':
      return `is no ${what} in ${now} of the last ${nowOf}, and was one in all ${of} before${known}`;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'list',
  boolean: 'true or false',
};

function withArticle(name: string): string {
  if (name === 'null' || name === 'true or false') return name;
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`;
}
