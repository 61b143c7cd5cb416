import { describe, expect, test } from 'vitest';
import { changed } from '../../test/support/project-texts.ts';
import { limits } from '../limits.ts';
import { loadProject } from './load.ts';

const owner = '    owner: person:dana\n';
const list = 'from: chat, operation: GET /leads, triggers: response.data, at: element.created_at';

function project(reconcile: string, identity = 'payload.lead_id') {
  const files = changed('signalbox.yaml', owner, `${owner}    reconcile: { ${reconcile} }\n`);
  const workflow = files.get('workflows/lead.yaml') ?? '';
  const line = '  identity: payload.lead_id\n';
  files.set(
    'workflows/lead.yaml',
    workflow.replace(line, identity === '' ? '' : `  identity: ${identity}\n`),
  );
  return loadProject(files);
}

describe('whether a list can be held against the tickets of a workflow', () => {
  const rows: [identity: string, finding: RegExp | null, reason: string][] = [
    ['payload.lead_id', null, 'it stands in the content'],
    [
      'headers["x-lead-id"]',
      /comes from a header, and the elements of a list have none/,
      'a list has no headers',
    ],
    ['payload.lead_id + headers["x-form"]', /comes from a header/, 'in part is in all'],
    ['"headers " + payload.lead_id', null, 'a text is no header'],
    ['', /has no `identity`/, 'any change would make it another'],
  ];
  test.each(rows)('identity %s: %s (%s)', (identity, finding) => {
    const found = project(list, identity).diagnostics.filter(({ code }) => code === 'SB178');
    if (finding === null) expect(found).toEqual([]);
    else expect(found).toMatchObject([{ severity: 'error', message: expect.stringMatching(finding) }]);
  });
});

test('what is not said has its default', () => {
  const source = project(list).project?.sources.get('meta-ads');
  expect(source?.reconcile).toMatchObject({
    everyMs: 3_600_000,
    lookbackMs: 2 * 86_400_000,
    settleMs: 600_000,
    since: null,
    endsAtUntil: false,
    nextPage: null,
    pagesMax: limits.pollPages,
  });
});

test('a list that ends at `window.until` needs no time of its elements', () => {
  const bounded = 'from: chat, operation: GET /leads, triggers: response.data';
  const { project: loaded } = project(
    `${bounded}, with: { from: window.from, to: window.until }, since: 2026-03-01`,
  );
  expect(loaded?.sources.get('meta-ads')?.reconcile).toMatchObject({
    at: null,
    endsAtUntil: true,
    since: new Date('2026-03-01T00:00:00Z'),
  });
});

test('a destination says when its records are read again', () => {
  const chat = '    url: https://chat.example.com\n';
  const files = changed('signalbox.yaml', chat, `${chat}    read_again: { after: [1d, 7d] }\n`);
  const { project: loaded } = loadProject(files);
  expect(loaded?.destinations.get('chat')?.readAgain).toEqual({
    afterMs: [86_400_000, 7 * 86_400_000],
    everyMs: 1_000,
  });
  expect(loaded?.destinations.get('pm-tool')?.readAgain).toBeNull();
});
