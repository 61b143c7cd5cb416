import type { Life, PlayedHandoff } from './life.ts';

/** What a step leads to, or why it cannot happen: one sentence. */
export type Played =
  | { readonly ok: true; readonly life: Life }
  | { readonly ok: false; readonly why: string };

export function played(life: Life): Played {
  return { ok: true, life };
}

export function notNow({ draft, state }: PlayedHandoff, what: string): Played {
  return { ok: false, why: `${draft.handoff} is ${state.replace('_', ' ')}: ${what}` };
}
