import type { Contract } from '../../contract/contract.ts';
import { limits } from '../../limits.ts';
import type { Place } from '../place.ts';
import type { CompiledHandoff, CompiledRoutes } from '../workflow.ts';
import type { Case, Program } from './case.ts';
import { analyseChecks } from './checks.ts';
import { analyseHandoffs } from './handoffs.ts';
import { type Inspected, inspect, type Role, type Setting } from './inspect.ts';
import { programOf } from './program.ts';
import { readsOf } from './reads.ts';
import { analyseRoutes } from './routes.ts';
import { shapeOf, worldsOf } from './shape.ts';

const headers = shapeOf({ type: 'object', additionalProperties: { type: 'string' } });

/** What is asked of a compiled workflow, beside its file. */
interface Analysed {
  readonly trigger: { readonly contract: Pick<Contract, 'schema'> };
  readonly routes: Pick<CompiledRoutes, 'threshold' | 'rules'>;
  readonly handoffs: readonly CompiledHandoff[];
}

const identityRole: Role = {
  isCondition: false,
  fails: 'the ticket stops as `transform_failed`',
  instead: 'name a field that always comes, or let the contract require this one',
};
const fieldRole: Role = { isCondition: false, fails: 'the ticket stops as `transform_failed`' };

/**
 * Reports what a workflow's expressions cannot do, by what its contracts say of the data: in the order of the path,
 * each section knowing what those before it let through. What it is not sure of it does not report, and it gives up
 * beyond limits.analysisStepsMax. Only for a workflow that is written now: one that was stored is not asked again. Pure.
 */
export function analyseWorkflow(place: Place, workflow: Analysed): void {
  const fields = new Map<string, Program>();
  for (const [name, field] of place.get('ticket').entries()) {
    const program = field.isFaulty ? null : programOf(field.written());
    if (program !== null) fields.set(name, program);
  }
  const setting: Setting = { fields, budget: { steps: limits.analysisStepsMax } };
  const start = worldsOf(workflow.trigger.contract.schema, readsOf(place)).map((payload) => ({
    shapes: { payload, headers },
    known: new Map(),
  }));
  const trigger = place.get('trigger');
  inspect(trigger.get('identity'), start, identityRole, setting);
  inspect(trigger.get('duplicates').get('version'), start, identityRole, setting);
  const given = analyseFields(place.get('ticket'), start, setting);
  const { cases, passed } = analyseChecks(place.get('checks'), given, setting);
  analyseRoutes(place.get('routes'), workflow.routes, { given, cases, passed }, setting);
  analyseHandoffs(place.get('handoffs'), workflow.handoffs, cases, setting);
}

/** The cases in which a ticket can be made. */
function analyseFields(place: Place, start: readonly Case[], setting: Setting): readonly Case[] {
  let cases = start;
  for (const [, field] of place.entries()) {
    const inspected = inspect(field, cases, fieldRole, setting);
    if (inspected !== null) cases = made(inspected, cases);
  }
  return cases;
}

/** What is known when a value could be made; nothing new where it always can. */
function made({ outcomes }: Inspected, before: readonly Case[]): readonly Case[] {
  if (outcomes.every(({ failure }) => failure === undefined)) return before;
  const cases = new Set(outcomes.filter(({ failure }) => failure === undefined).map(({ given }) => given));
  return cases.size === 0 || cases.size > limits.analysisCasesMax ? before : [...cases];
}
