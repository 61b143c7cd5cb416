import { onTestFinished } from 'vitest';
import { limits } from '../../src/limits.ts';

/** Sets limits of this process for the running test, so that their edge is near; whoever reads them by then sees these. */
export function withLimits(near: { readonly [name in keyof typeof limits]?: number }): void {
  const before = { ...limits };
  Object.assign(limits, near);
  onTestFinished(() => {
    Object.assign(limits, before);
  });
}
