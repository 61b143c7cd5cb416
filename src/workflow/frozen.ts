/** Freezes a plain value with all objects, arrays and values of maps in it; functions and class instances stay as they are. */
export function deepFrozen<T>(value: T): T {
  if (value instanceof Map) for (const part of value.values()) deepFrozen(part);
  if (!isPlain(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFrozen(part);
  return value;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
