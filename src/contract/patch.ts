import type { PatchStep } from './contract.ts';
import { resolvePointer, tokensOf } from './pointer.ts';

/** A value with a JSON Patch applied; the value itself stays. A step whose place is not there is passed over. Pure. */
export function patched(value: unknown, patch: readonly PatchStep[]): unknown {
  return patch.reduce(applied, value);
}

function applied(value: unknown, step: PatchStep): unknown {
  if (step.op === 'replace') return changed(value, tokensOf(step.path), () => step);
  if (step.op === 'remove') return changed(value, tokensOf(step.path), () => null);
  const moved = resolvePointer(value, step.from);
  if (moved === undefined) return value;
  const without = changed(value, tokensOf(step.from), () => null);
  return changed(without, tokensOf(step.path), () => ({ value: moved }));
}

/** A copy along the path, with what stands at its end replaced; null takes it out. */
function changed(
  value: unknown,
  [token, ...rest]: readonly string[],
  change: () => { readonly value: unknown } | null,
): unknown {
  if (token === undefined) return change()?.value;
  if (typeof value !== 'object' || value === null) return value;
  const found: unknown = Object.hasOwn(value, token) ? Reflect.get(value, token) : undefined;
  if (found === undefined && rest.length > 0) return value;
  const next = rest.length > 0 ? { value: changed(found, rest, change) } : change();
  if (Array.isArray(value)) {
    return value.flatMap((each, index) =>
      String(index) !== token ? [each] : next === null ? [] : [next.value],
    );
  }
  // A name of the payload is data, `__proto__` too.
  const others = Object.entries(value).filter(([name]) => name !== token);
  return Object.fromEntries(next === null ? others : [...others, [token, next.value]]);
}
