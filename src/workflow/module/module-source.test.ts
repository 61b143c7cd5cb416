import { describe, expect, test } from 'vitest';
import { changed } from '../../../test/support/project-texts.ts';
import { loadProject } from '../load.ts';
import { compileBundle } from '../version.ts';
import { defaultExportPath } from './module-file.ts';
import { evaluatedFrom } from './plain-data.ts';

/** A workflow as `evaluate` hands it over: the module's text, and the object that it exports. */
function module(text: string, value: unknown) {
  const path = 'workflows/lead.ts';
  const files = changed('workflows/lead.yaml', null, null);
  return files.set(path, text).set(defaultExportPath(path), JSON.stringify(evaluatedFrom(value)));
}

const workflow = {
  workflow: 'lead',
  summary: 'A lead is routed.',
  metric: 'Leads with an owner',
  owner: 'team:growth',
  alternate: 'person:omar',
  trigger: { source: 'meta-ads', contract: '../contracts/lead.schema.json' },
  ticket: { zip: 'payload.lead_id', email: 'payload.email' },
  routes: { rules: [{ to: 'team:web', when: 'payload.project_type == "web"' }] },
  exceptions: {
    owner: 'team:web',
    alternate: 'person:dana',
    ttl: '15m',
    resolve_within: '1d',
    root_causes: ['form-changed'],
  },
};

function text(parts: Record<string, string>): string {
  const lines = Object.entries({ ...inText, ...parts }).map(([key, value]) => `  ${key}: ${value},`);
  return `import { defineWorkflow } from 'signalbox/workflow';\n\nexport default defineWorkflow({\n${lines.join('\n')}\n});\n`;
}

const inText = Object.fromEntries(
  Object.entries(workflow).map(([key, value]) => [key, JSON.stringify(value)]),
);

/** What is said of a module, each with its place. */
function told(source: string, value: unknown): string[] {
  const { diagnostics } = loadProject(module(source, value));
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return errors.map(({ code, line, column, message }) => `${code} ${line}:${column} ${message}`);
}

describe('what is wrong is told where it stands', () => {
  test.each<[string, string, unknown, string, string]>([
    [
      'owner',
      "'team:grwth'",
      'team:grwth',
      '7:10 there is no team:grwth, did you mean `team:growth`?',
      'a value',
    ],
    ['ownr', "'team:web'", 'team:web', '13:3 unknown key `ownr`, did you mean `owner`?', 'a key'],
    [
      'ticket',
      "{ email: 'payload.emial' }",
      { email: 'payload.emial' },
      '10:29 payload has no field `emial`',
      'a part of an expression',
    ],
    [
      'ticket',
      '{ email: mail }',
      { email: 'payload.emial' },
      '10:20 payload has no field `emial`',
      'what a name stands for',
    ],
    [
      'routes',
      '{ rules: [...rules] }',
      { rules: [{ to: 'team:wob' }] },
      '11:20 there is no team:wob, did you mean `team:web`? (at `routes.rules.0.to`)',
      'the nearest part around what is spread',
    ],
    [
      'trigger',
      'triggerOf("meta-ads")',
      { ...workflow.trigger, source: 'meta' },
      '9:12 there is no source `meta`',
      'a call',
    ],
  ])('%s: %s', (key, written, value, said) => {
    const findings = told(text({ [key]: written }), { ...workflow, [key]: value });
    expect(
      findings.some((each) => each.includes(said)),
      findings.join('\n'),
    ).toBe(true);
  });

  test.each<[unknown, string, string]>([
    [undefined, 'SB106 4:3 this file exports no workflow', 'nothing is exported'],
    [() => workflow, 'SB106 4:3 the default export is a function', 'a function'],
    [{ ...workflow, owner: Symbol('x') }, 'SB106 7:10 `owner` is a symbol', 'a symbol'],
    [{ ...workflow, trigger: new Map() }, 'SB106 9:13 `trigger` is an instance of Map', 'a class'],
    [
      { ...workflow, routes: { threshold: Number.NaN } },
      'SB106 11:12 `routes.threshold` is NaN',
      'no number',
    ],
    [{ ...workflow, checks: [undefined] }, 'SB106 4:3 `checks[0]` is nothing', 'a hole'],
    [
      Promise.resolve(workflow),
      'SB106 4:3 the default export is an instance of Promise',
      'what has to be waited for',
    ],
  ])('no plain data: %#', (value, said) => {
    expect(told(text({}), value)).toEqual([said]);
  });

  test('an object that stands in itself', () => {
    const circle: Record<string, unknown> = { ...workflow };
    circle.ticket = { circle };
    expect(evaluatedFrom(circle)).toMatchObject({
      fault: { message: '`ticket.circle` is something that it stands in itself' },
    });
  });
});

describe('the version of a module', () => {
  const load = (source: string, value: unknown = workflow) => {
    const { project, diagnostics } = loadProject(module(source, value));
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    return { workflow: project?.workflows.get('lead'), bundle: project?.bundles.get('lead') ?? '' };
  };

  test('is that of its data: other comments are the same version, another value is another', () => {
    const { version } = load(text({})).workflow ?? {};
    expect(load(`// A comment\n${text({})}`).workflow?.version).toBe(version);
    expect(load(text({}), { ...workflow, metric: undefined }).workflow?.version).not.toBe(version);
  });

  test('is compiled again as it was, in the order of its author', () => {
    const { workflow: loaded, bundle } = load(text({}));
    const again = compileBundle(bundle);
    expect(again.version).toBe(loaded?.version);
    expect(again.fields.map(({ name }) => name)).toEqual(['zip', 'email']);
    expect(loaded?.fields.map(({ name }) => name)).toEqual(['zip', 'email']);
  });
});
