import { expect, test } from 'vitest';
import { draft } from '../../test/support/handoff.ts';
import { handoffRow } from '../handoff/rows.ts';
import type { HandoffRow } from '../handoff/store.ts';
import { approvalRow } from './decide.ts';
import { decisionPage, messagePage, pagePolicy } from './page.ts';

const now = new Date('2026-03-02T09:00:00.000Z');

function pageOf(name: string): string {
  const plan = draft({ approval: { by: 'team:finance', withinMs: 60_000, approvals: 2, fourEyes: true } });
  const headers = { 'x-account': name };
  const whole = { ...plan, request: { ...plan.request, headers, body: { name } } };
  const row = handoffRow('t', 1, 1, whole, now);
  const approval = { ...approvalRow(row), policy: { needed: 2, fourEyes: true }, yes: [] };
  const handoff = { ...row, plan: whole } as unknown as HandoffRow;
  return decisionPage({ approval, row: handoff, person: 'Dana', workflow: 'leads' });
}

const hostile: readonly [name: string, never: RegExp, reason: string][] = [
  ['</pre><script>alert(1)</script>', /<script/, 'markup'],
  ['"><form action="https://evil.example">', /<form action/, 'another form'],
  ["' onfocus='x", /' onfocus='/, 'an attribute'],
  ['50\u202e001', /\u202e/, 'text that is shown the other way about'],
];

test.each(hostile)('what a payload holds is text on the page: %j', (name, never) => {
  expect(pageOf(name)).not.toMatch(never);
});

test('it shows all that is approved, and has one form and no address in it', () => {
  const page = pageOf('Ada');
  expect(page).toContain('POST /records\nx-account: Ada\n\n{\n  &quot;name&quot;: &quot;Ada&quot;\n}');
  expect(page).toContain('0 of 2');
  expect(page.match(/<form method="post">/g)).toHaveLength(1);
  expect(page).not.toMatch(/href=|src=|action=|https?:/);
  expect(pagePolicy).toContain("default-src 'none'");
  expect(messagePage('A & B', '<b>')).toContain('<h1>A &amp; B</h1>\n<p>&lt;b&gt;</p>');
});
