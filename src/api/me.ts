import { Type } from 'typebox';
import { refsOf, roles } from '../account/account.ts';
import { listPasskeys } from '../account/passkey/store.ts';
import { countBackupCodes, findAccount } from '../account/store.ts';
import { version } from '../platform/version.ts';
import type { Routes } from './deps.ts';
import { rights } from './rights.ts';
import { actorOf } from './security.ts';
import { closed, nullable, problems, RefText, Time } from './wire.ts';

export const RoleName = Type.Enum([...roles]);

const Me = closed({
  actor: Type.String({ description: 'how the record names what you do: `person:dana`, `local`' }),
  by: Type.Enum(['session', 'key', 'local']),
  person: nullable(closed({ key: Type.String(), name: Type.String(), email: nullable(Type.String()) })),
  answers_as: Type.Array(RefText, { description: 'the person, and their teams' }),
  roles: Type.Array(RoleName),
  rights: Type.Array(Type.Enum([...rights]), {
    description: 'what the roles, and the scopes of a key, allow',
  }),
  owner: Type.Boolean({ description: 'may also do something where the ticket or workflow is theirs' }),
  rights_as_owner: Type.Array(Type.Enum([...rights]), { description: 'what that is' }),
  session: nullable(closed({ id: Type.Integer(), proof: Type.String(), expires_at: Time })),
  has: closed({
    password: Type.Boolean(),
    totp: Type.Boolean(),
    backup_codes: Type.Integer(),
    passkeys: Type.Integer(),
  }),
  project: Type.String(),
  version: Type.String(),
});

/** GET /api/me: who the server takes you for. */
export const meRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;
  app.get(
    '/me',
    {
      schema: {
        operationId: 'getMe',
        summary: 'Who you are here, and what you may',
        tags: ['people'],
        response: { 200: Me, ...problems(400, 401, 403, 500) },
      },
    },
    async (request) => {
      const project = shell.project();
      const { caller } = request;
      if (caller === null) throw new Error('the route is behind the check of rights');
      const person = caller.person === null ? null : (project.people.get(caller.person) ?? null);
      const account = person === null ? null : await findAccount(shell.db, person.key);
      const { session } = caller;
      return {
        actor: actorOf(request, project),
        by: caller.by,
        person: person === null ? null : { key: person.key, name: person.name, email: person.email },
        answers_as: person === null ? [] : refsOf(project, person.key),
        roles: [...caller.roles],
        rights: [...caller.rights],
        owner: caller.rightsAsOwner.size > 0,
        rights_as_owner: [...caller.rightsAsOwner],
        session:
          session === null
            ? null
            : { id: session.id, proof: session.proof, expires_at: session.expires_at.toISOString() },
        has: {
          password: account?.password != null,
          totp: account?.totp_confirmed_at != null,
          backup_codes: person === null ? 0 : await countBackupCodes(shell.db, person.key),
          passkeys: person === null ? 0 : (await listPasskeys(shell.db, person.key)).length,
        },
        project: project.name,
        version,
      };
    },
  );
};
