import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { soundProject, testFile } from '../../../test/support/cases.ts';
import { changed } from '../../../test/support/project-texts.ts';
import { pseudonyms } from './pseudonym.ts';
import { type Recording, recordedCase } from './record.ts';
import { redact } from './redact.ts';

const lead = {
  lead_id: 'L-4711',
  email: 'Ada.Lindqvist@lindqvist.example',
  name: 'Ada Lindqvist',
  project_type: 'web',
  budget: 5000,
  tags: ['call +49 170 1234567'],
};

function recording(payload: unknown, more: Partial<Recording['trigger']> = {}): Recording {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const trigger = {
    source: 'meta-ads',
    contentType: 'application/json',
    headers: {},
    body: Buffer.from(body),
    ...more,
  };
  return { ticket: 'T-1', trigger, receivedAt: new Date('2026-03-02T09:00:00Z') };
}

function recorded(one: Recording, project = soundProject(), first: Recording | null = null) {
  const workflow = project.workflows.get('lead');
  const made = workflow === undefined ? null : recordedCase(workflow, one, first);
  if (made === null) throw new Error('no case');
  return made;
}

describe('pseudonyms', () => {
  test.each<[text: string, standIn: RegExp, reason: string]>([
    ['Ada Lindqvist', /^[A-Z][a-z]{2} [A-Z][a-z]{8}$/, 'capitals and lengths stay'],
    ['ada@lindqvist.se', /^[a-z]{3}@[a-z]{9}\.example$/, 'an address of nobody'],
    ['+49 (170) 123-45', /^\+\d{2} \(\d{3}\) \d{3}-\d{2}$/, 'a phone number'],
    ['https://ada.example/in/ada?x=1', /^https:\/\/[a-z]{3}\./, 'the scheme stays'],
    ['3f2c9a52-7a12-4bcd-8e21-5a3b9c8d2f41', /^00000000-0000-4000-8000-0{11}1$/, 'still a UUID'],
    ['1990-11-23', /^1990-06-15$/, 'a birthday has no day'],
    ['2026-03-02T09:00:00Z', /^2026-03-02T09:00:00Z$/, 'a moment stays'],
    ['Zoë Ärzte', /^[A-Z][a-z]{2} [A-Z][a-z]{4}$/, 'letters of any script'],
    ['٠١٧٠ १२३', /^\d{4} \d{3}$/, 'digits of any script'],
    ['', /^$/, 'nothing is nothing'],
  ])('%j becomes %s: %s', (text, standIn) => {
    expect(pseudonyms()(text)).toMatch(standIn);
  });

  test('the same word has the same stand-in everywhere, whatever its case', () => {
    const standIn = pseudonyms();
    const [first = ''] = standIn('Ada Lindqvist').split(' ');
    expect(standIn('ada@x.example')).toMatch(new RegExp(`^${first.toLowerCase()}@`));
    expect(standIn('ADA')).toBe(first.toUpperCase());
  });

  test('any text has one, always the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        expect(pseudonyms()(text)).toBe(pseudonyms()(text));
      }),
      { numRuns: 300 },
    );
  });
});

describe('redact', () => {
  const schema = {
    properties: { kind: { $ref: '#/$defs/kind' } },
    $defs: { kind: { enum: ['web', 'brand'] } },
  };

  test('replaces every text and long number, not what the contract lists nor short numbers', () => {
    const value = { kind: 'web', name: 'Ada', phone: 491701234567, budget: 5000, on: true, none: null };
    const { value: redacted, kept } = redact(value, schema, () => true);
    expect(redacted).toEqual({
      kind: 'web',
      name: expect.stringMatching(/^[A-Z][a-z]{2}$/),
      phone: expect.any(Number),
      budget: 5000,
      on: true,
      none: null,
    });
    expect([kept, String((redacted as { phone: number }).phone).length]).toEqual([[], 12]);
    expect(JSON.stringify(redacted)).not.toMatch(/Ada|4917/);
  });

  test.each<[value: unknown, schema: unknown, reason: string]>([
    [
      'Ada Lindqvist',
      { enum: ['web', 'brand'] },
      'a value that the contract does not list, where it lists others',
    ],
    ['Ada Lindqvist', { anyOf: [{ const: 'unknown' }, { type: 'string' }] }, 'one that another form takes'],
    [Number('10215678901234567'), {}, 'a number beyond what is exact'],
    [{ 'ada@lindqvist.example': 1 }, {}, 'an address that is a name'],
    [{ '+49 170 1234567': 1 }, {}, 'a number that is a name'],
    [{ ada: { age: 3 } }, { additionalProperties: { type: 'object' } }, 'names of a map'],
  ])('replaces %j under %j: %s', (value, its, _) => {
    const { value: redacted, replaced } = redact(value, its, () => true);
    expect(JSON.stringify(redacted)).not.toMatch(/ada|lindqvist|1021567|170|1234567/i);
    expect(replaced).toHaveLength(1);
  });

  test('names of fields stay, and so does a name that is depended on', () => {
    const value = { 'First name': 7, 'ada@x.example': 1, 'eve@x.example': 2 };
    const same = (redacted: unknown) => Object.hasOwn(redacted as object, 'eve@x.example');
    const { value: redacted, kept } = redact(value, {}, same);
    expect(Object.keys(redacted as object)).toEqual([
      'First name',
      expect.not.stringMatching('ada'),
      'eve@x.example',
    ]);
    expect(kept).toEqual(['/eve@x.example (its name)']);
  });

  test('keeps only what is depended on, and names it', () => {
    const value = { campaign: 'web-spring', name: 'Ada', 'a/b': 'Eve' };
    const same = (redacted: unknown) => (redacted as typeof value).campaign.startsWith('web');
    expect(redact(value, schema, same)).toMatchObject({
      value: { campaign: 'web-spring', name: expect.not.stringMatching('Ada') },
      replaced: ['/name', '/a~1b'],
      kept: ['/campaign'],
    });
  });
});

describe('a recorded ticket becomes a case that is decided the same, without personal values', () => {
  const invalid = { ...lead, name: 7 };

  test.each<[what: string, one: Recording, first: Recording | null, expected: object]>([
    ['a routed one', recording(lead), null, { state: 'handoff' }],
    ['one that failed a check', recording({ ...lead, budget: 1 }), null, { state: 'exception' }],
    ['one that broke its contract', recording(invalid), null, { state: 'exception' }],
    ['one that cannot be read', recording('{"name": "Ada Lindqvist'), null, { state: 'exception' }],
    ['one that met another', recording(lead), recording({ ...lead, budget: 700 }), { state: 'exception' }],
  ])('%s', (_, one, first, expected) => {
    const made = recorded(one, soundProject(), first);
    expect(made).toMatchObject(expected);
    expect(made.text).not.toMatch(/Ada|Lindqvist|1234567|4711/i);
    const report = testFile(made.text);
    expect([report.diagnostics, report.results.flatMap(({ failures }) => failures)]).toEqual([[], []]);
    expect(report.results).toHaveLength(1);
  });

  test('what the decision reads is kept and named', () => {
    const project = soundProject(
      changed(
        'workflows/lead.yaml',
        'ticket.project_type == "web"',
        'payload.email.endsWith("@lindqvist.example")',
      ),
    );
    const made = recorded(recording(lead), project);
    expect(made.kept).toEqual(['/email']);
    expect(made.text).toContain('Ada.Lindqvist@lindqvist.example');
    expect(testFile(made.text, {}, project).ok).toBe(true);
  });

  test('a contract that describes any field says nothing of the case itself', () => {
    const contract = '"type": "object",\n  "required"';
    const open = '"type": "object", "additionalProperties": { "type": "string" },\n  "required"';
    const project = soundProject(changed('contracts/lead.schema.json', contract, open));
    const { text } = recorded(recording({ ...lead, Lindqvist: 'x' }), project);
    expect(text).not.toMatch(/Lindqvist/i);
    expect(testFile(text, {}, project).ok).toBe(true);
  });

  test('of headers only those that expressions read are written', () => {
    const project = soundProject(
      changed('workflows/lead.yaml', 'identity: payload.lead_id', 'identity: headers["x-delivery"]'),
    );
    const headers = { 'x-delivery': 'd-99', cookie: 'secret=1' };
    const { text } = recorded(recording(lead, { headers }), project);
    expect(text).toMatch(/x-delivery: [a-z]-\d\d\n/);
    expect(text).not.toContain('secret');
  });
});
