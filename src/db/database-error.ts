/**
 * Whether something was thrown by the database or on the way to it: it may well succeed when it is tried again. What the
 * server answers has a severity; what befalls a connection says so, by a code of the operating system or in words. Pure.
 */
export function isDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('severity' in error || ('code' in error && /^E[A-Z]+$/.test(String(error.code)))) return true;
  return /\bconnect|timeout|\bpool\b|driver has already been destroyed/i.test(error.message);
}
