/** A version as people read it; commands take any first digits, 6 or more, that only it has. */
export function shortVersion(version: string): string {
  return version.slice(0, 12);
}
