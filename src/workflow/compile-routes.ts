import { expressionAt, optionalExpressionAt, truth } from './compile-expression.ts';
import { type Directory, defaults, referenceAt, reportTwice, textsAt } from './compile-parts.ts';
import type { Place } from './place.ts';
import type { Scopes } from './scopes.ts';
import type { CompiledCheck, CompiledRoutes, CompiledRule } from './workflow.ts';

/** The `checks:` section. */
export function compileChecks(place: Place, scopes: Scopes): CompiledCheck[] {
  const checks = place.elements();
  reportTwice(
    checks.map((check) => check.get('id')),
    'checks',
  );
  return checks.map((check) => ({
    id: check.get('id').text(),
    that: expressionAt(check.get('that'), scopes.ticket, truth).expression,
    otherwise: check.get('otherwise').text(),
    checklist: textsAt(check.get('checklist')),
  }));
}

/** The `routes:` section. */
export function compileRoutes(place: Place, scopes: Scopes, directory: Directory | null): CompiledRoutes {
  const threshold = place.get('threshold').value;
  const otherwise = place.get('otherwise');
  return {
    threshold: typeof threshold === 'number' ? threshold : defaults.threshold,
    rules: place
      .get('rules')
      .elements()
      .map((rule) => compileRule(rule, scopes, directory)),
    otherwise:
      otherwise.value === undefined || otherwise.value === 'triage'
        ? 'triage'
        : referenceAt(otherwise, directory),
  };
}

function compileRule(place: Place, scopes: Scopes, directory: Directory | null): CompiledRule {
  return {
    to: referenceAt(place.get('to'), directory),
    when: optionalExpressionAt(place.get('when'), scopes.ticket, truth),
    signals: place
      .get('signals')
      .elements()
      .map((signal) => ({
        that: expressionAt(signal.get('that'), scopes.ticket, truth).expression,
        weight: Number(signal.get('weight').value),
      })),
  };
}
