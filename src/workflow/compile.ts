import { reportOwnName } from './compile-detection.ts';
import { compileExceptions } from './compile-exceptions.ts';
import { expressionAt, json } from './compile-expression.ts';
import { compileHandoffs } from './compile-handoffs.ts';
import { referenceAt, reportSameOwner } from './compile-parts.ts';
import { compileChecks, compileRoutes } from './compile-routes.ts';
import { compileTrigger } from './compile-trigger.ts';
import type { Expression } from './expression.ts';
import type { Place } from './place.ts';
import { scopesOf, triggerScope } from './scopes.ts';
import type { CompiledWorkflow } from './workflow.ts';
import type { World } from './world.ts';

/**
 * Compiles one workflow file, section by section in its order. What is wrong is reported at its place;
 * the result is good for use only where nothing was. `file`: its path, from which contracts are found.
 */
export function compileWorkflow(place: Place, file: string, world: World): Omit<CompiledWorkflow, 'version'> {
  reportOwnName(place.get('workflow').text(), place.get('workflow'));
  const owner = referenceAt(place.get('owner'), world.directory);
  const alternate = referenceAt(place.get('alternate'), world.directory);
  reportSameOwner(owner, alternate, place.get('alternate'));
  const trigger = compileTrigger(place.get('trigger'), file, world);
  const { fields, types } = compileFields(place.get('ticket'), trigger.contract.schema);
  const scopes = scopesOf(trigger.contract.schema, types);
  return {
    name: place.get('workflow').text(),
    summary: place.get('summary').text(),
    metric: place.get('metric').text() || null,
    owner,
    alternate,
    trigger,
    fields,
    checks: compileChecks(place.get('checks'), scopes),
    routes: compileRoutes(place.get('routes'), scopes, world.directory),
    handoffs: compileHandoffs(place.get('handoffs'), scopes, world),
    exceptions: compileExceptions(place.get('exceptions'), world.directory),
  };
}

/** The `ticket:` section, and the type of each field for what comes after it. */
function compileFields(place: Place, payload: unknown) {
  const fields: { name: string; value: Expression }[] = [];
  const types = new Map<string, string>();
  const scope = triggerScope(payload);
  for (const [name, field] of place.entries()) {
    const { expression, type } = expressionAt(field, scope, json);
    fields.push({ name, value: expression });
    types.set(name, type);
  }
  return { fields, types };
}
