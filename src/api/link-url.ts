import type { Project } from '../workflow/project.ts';

/** Where a link is opened. It stands behind `#`, so that it reaches no log and no other server. `url`: where this one listens. */
export function linkUrl({ signIn }: Pick<Project, 'signIn'>, url: string, token: string): string {
  return `${signIn.url ?? url}/sign-in#link=${token}`;
}
