import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { changed } from '../../test/support/project-texts.ts';
import { defineWorkflow } from './define.ts';
import { loadProject } from './load.ts';

test('a workflow in TypeScript is the YAML file, key for key', () => {
  const workflow = defineWorkflow({
    workflow: 'lead',
    summary: 'A lead is routed.',
    owner: 'team:growth',
    alternate: 'person:omar',
    trigger: { source: 'meta-ads', contract: '../contracts/lead.schema.json', on_invalid: 'reject' },
    ticket: { id: 'headers["x-lead-id"]', weight: 2.5 },
    routes: { rules: [{ to: 'team:web', signals: [{ that: 'payload.budget > ticket.weight', weight: 2 }] }] },
    exceptions: {
      owner: 'team:web',
      alternate: 'person:dana',
      ttl: '15m',
      resolve_within: '1d',
      root_causes: ['form-changed'],
      on: { contract_violation: { ttl: '5m' } },
    },
  });
  const { project, diagnostics } = loadProject(changed('workflows/lead.yaml', null, stringify(workflow)));
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(project?.workflows.get('lead')?.trigger.onInvalid).toBe('reject');
});

test("its mistakes are the type checker's", () => {
  // @ts-expect-error: a misspelt key
  defineWorkflow({ ownr: 'team:growth' });
  // @ts-expect-error: no person, no team
  const owner: Parameters<typeof defineWorkflow>[0]['owner'] = 'growth';
  expect(owner).toBe('growth');
  type Workflow = Parameters<typeof defineWorkflow>[0];
  // @ts-expect-error: a source is not a list
  const trigger: Workflow['trigger'] = { source: ['form'], contract: 'a.json' };
  // @ts-expect-error: no such answer to an invalid payload
  const onInvalid: Workflow['trigger']['on_invalid'] = 'ignore';
  // @ts-expect-error: a promise without proof
  const handoff: NonNullable<Workflow['handoffs']>[number] = { id: 'a', to: 'b', operation: 'c' };
  // @ts-expect-error: no such failure mode
  const on: Workflow['exceptions']['on'] = { contract_violated: {} };
  expect([trigger, onInvalid, handoff, on]).toHaveLength(4);
});
