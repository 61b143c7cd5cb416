import { AppError } from './errors.ts';
import { destinationSecrets, type Project, type SecretRef, secretRefs } from './workflow/project.ts';

/** Every secret is there before anything starts; all that are missing are told at once. */
export function requireSecrets(project: Project, secrets: (ref: SecretRef) => readonly string[]): void {
  const refs = [
    ...[...project.sources.values()].flatMap(secretRefs),
    ...(project.server.linkSecret ? [project.server.linkSecret] : []),
    ...[...project.destinations.values()].flatMap(destinationSecrets),
    ...[project.signIn.secret, project.signIn.oidc?.secret ?? null].filter((ref) => ref !== null),
  ];
  const missing = refs.flatMap((ref) => {
    try {
      secrets(ref);
      return [];
    } catch (error) {
      if (error instanceof AppError) return [error];
      throw error;
    }
  });
  const [first] = missing;
  if (first === undefined) return;
  const message = [...new Set(missing.map((error) => error.message))].join('. ');
  throw new AppError('invalid_project', message, first.help === undefined ? {} : { help: first.help });
}
