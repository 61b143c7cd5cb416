import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { type Diagnostic, diagnosticCodes } from '../diagnostics.ts';
import { annotations } from './annotations.ts';
import { sarif } from './sarif.ts';

const finding: Diagnostic = {
  file: 'workflows/lead.yaml',
  line: 12,
  column: 3,
  length: 4,
  code: 'SB110',
  severity: 'error',
  message: 'unknown key `ownr`, did you mean `owner`?',
  help: '`owner: team:triage`',
};

describe('GitHub annotations', () => {
  test('name file, place and title, and carry the help', () => {
    expect(annotations([finding], '')).toBe(
      '::error file=workflows/lead.yaml,line=12,col=3,endColumn=7,title=SB110%3A an unknown key::unknown key `ownr`, did you mean `owner`?%0A`owner: team:triage`',
    );
  });

  test.each<[Partial<Diagnostic>, string, string, string]>([
    [{}, 'ops/', 'file=ops/workflows/lead.yaml,', 'the project stands in a folder of the repository'],
    [{ severity: 'warning' }, '', '::warning file=', 'a warning does not fail a pull request'],
    [
      { message: '100%\r\n::error::x' },
      '',
      '::100%25%0D%0A::error::x%0A',
      'a message begins no other command',
    ],
    [{ file: 'a,b:c%.yaml' }, '', 'file=a%2Cb%3Ac%25.yaml,', 'a file name ends no property'],
  ])('%j in "%s" has %s: %s', (change, folder, expected) => {
    const text = annotations([{ ...finding, ...change }], folder);
    expect(text).toContain(expected);
    expect(text.split('\n')).toHaveLength(1);
  });

  test('a line a finding', () => {
    expect(annotations([finding, finding], '').split('\n')).toHaveLength(2);
    expect(annotations([], '')).toBe('');
  });
});

describe('SARIF', () => {
  const log = JSON.parse(
    JSON.stringify(
      sarif([finding, { ...finding, file: 'a b#c.yaml', severity: 'warning' }], 'ops/', '1.2.3'),
    ),
  );
  const [run] = log.runs;

  test('is as its schema demands', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(ajv);
    ajv.validate(sarifEssentials, log);
    expect(ajv.errors).toBeNull();
  });

  test('a finding is a result of its rule, at its place', () => {
    expect(run.results[0]).toEqual({
      ruleId: 'SB110',
      ruleIndex: Object.keys(diagnosticCodes).indexOf('SB110'),
      level: 'error',
      message: { text: `${finding.message}\n${finding.help}` },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'ops/workflows/lead.yaml', uriBaseId: '%SRCROOT%' },
            region: { startLine: 12, startColumn: 3, endColumn: 7 },
          },
        },
      ],
    });
    expect(run.results[1]).toMatchObject({
      level: 'warning',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'ops/a%20b%23c.yaml' } } }],
    });
  });

  test('every code is a rule that names its page', () => {
    const rules: { id: string; help: { text: string } }[] = run.tool.driver.rules;
    expect(rules.map(({ id }) => id)).toEqual(Object.keys(diagnosticCodes));
    for (const { id, help } of rules) {
      expect(help.text).toContain(`docs/reference/diagnostics.md#${id.toLowerCase()}`);
    }
  });
});

/** What the published schema demands of the parts that are written here, in its own words. */
const text = { type: 'object', required: ['text'], properties: { text: { type: 'string' } } };
const positive = { type: 'integer', minimum: 1 };
const sarifEssentials = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'runs'],
  properties: {
    $schema: { type: 'string', format: 'uri' },
    version: { enum: ['2.1.0'] },
    runs: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['tool'],
        properties: {
          tool: {
            type: 'object',
            required: ['driver'],
            properties: {
              driver: {
                type: 'object',
                required: ['name'],
                properties: {
                  name: { type: 'string' },
                  version: { type: 'string' },
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: {
                      type: 'object',
                      additionalProperties: false,
                      required: ['id'],
                      properties: {
                        id: { type: 'string' },
                        shortDescription: text,
                        fullDescription: text,
                        help: text,
                        helpUri: { type: 'string', format: 'uri' },
                      },
                    },
                  },
                },
              },
            },
          },
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          results: {
            type: 'array',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['message'],
              properties: {
                ruleId: { type: 'string' },
                ruleIndex: { type: 'integer', minimum: -1 },
                level: { enum: ['none', 'note', 'warning', 'error'] },
                message: text,
                locations: {
                  type: 'array',
                  items: {
                    type: 'object',
                    properties: {
                      physicalLocation: {
                        type: 'object',
                        properties: {
                          artifactLocation: {
                            type: 'object',
                            properties: { uri: { type: 'string', format: 'uri-reference' } },
                          },
                          region: {
                            type: 'object',
                            additionalProperties: false,
                            properties: { startLine: positive, startColumn: positive, endColumn: positive },
                          },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};
