import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { decide } from '../../src/decide.ts';
import type { Decision, Facts } from '../../src/decision.ts';
import { readProjectFiles } from '../../src/platform/project-files.ts';
import { loadProject } from '../../src/workflow/load.ts';

const root = new URL('./', import.meta.url);
const now = new Date('2026-03-02T09:00:00Z');

interface Case {
  readonly name: string;
  /** From the cases file. */
  readonly payload: string;
  /** A payload whose ticket is there already. */
  readonly after?: string;
  readonly expect: Readonly<Record<string, unknown>>;
}

const file = new URL('cases/paid-lead-to-pm.yaml', root);
const { workflow: name, cases } = parse(readFileSync(file, 'utf8')) as {
  workflow: string;
  cases: readonly Case[];
};
const { project, diagnostics } = loadProject(await readProjectFiles(fileURLToPath(root)));

describe('examples/paid-lead', () => {
  it('compiles without a finding', () => {
    expect(diagnostics).toEqual([]);
  });

  it.each(cases)('decides: $name', ({ payload, after, expect: expected }) => {
    const holder =
      after === undefined
        ? null
        : { ticketId: 'first', digest: decided(after, null).identity.digest, version: null, fixed: null };
    expect(seen(decided(payload, holder))).toMatchObject(expected);
  });
});

function decided(payload: string, holder: Facts['holder']): Decision {
  const workflow = project?.workflows.get(name);
  if (workflow === undefined) throw new Error(`There is no workflow ${name}`);
  const trigger = {
    source: workflow.trigger.source,
    contentType: 'application/json',
    headers: {},
    body: readFileSync(new URL(payload, file)),
  };
  return decide(workflow, trigger, { holder, rerouteTo: null }, now);
}

/** A decision in the words of the cases file. */
function seen(decision: Decision): Readonly<Record<string, unknown>> {
  const route = 'route' in decision ? decision.route : null;
  const routed = { decision: decision.kind, to: route?.to, confidence: route?.confidence };
  switch (decision.kind) {
    case 'routed':
      return {
        ...routed,
        handoffs: decision.handoffs.map(({ handoff }) => handoff),
        approval: decision.handoffs[0]?.approval?.by,
      };
    case 'stopped': {
      const { mode, policy, checklist } = decision.exception;
      return { ...routed, mode, owner: policy.owner, checklist };
    }
    default:
      return routed;
  }
}
