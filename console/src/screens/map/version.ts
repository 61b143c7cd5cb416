/** As much of a version's hash as people read. */
export function shortVersion(version: string): string {
  return version.slice(0, 10);
}
