import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refsOf } from '../account/account.ts';
import { AppError } from '../errors.ts';
import type { Shell } from '../shell.ts';
import { answerableFor } from '../ticket/answerable/store.ts';
import type { Project } from '../workflow/project.ts';
import { type Caller, callerOf } from './caller.ts';
import { type Right, type Rule, rolesWith, rules } from './rights.ts';

/** Refuses, at start, a route without a rule: what nobody has thought about is not served. */
export function requireRules(app: FastifyInstance): void {
  if (!app.hasRequestDecorator('caller')) app.decorateRequest('caller', null);
  app.addHook('onRoute', ({ method, url, schema }) => {
    const { hide, operationId } = (schema ?? {}) as { hide?: boolean; operationId?: string };
    if (hide === true) return;
    if (operationId === undefined || rules[operationId] === undefined) {
      throw new Error(
        `${String(method)} ${url} has no rule in src/api/rights.ts (operationId: ${operationId})`,
      );
    }
  });
}

/** The hook before every /api request: who it is, and whether they may. It comes before anything of the body is read. */
export function rightCheck(shell: Pick<Shell, 'db' | 'clock' | 'project'>, localKey: string) {
  return async (request: FastifyRequest, _reply?: FastifyReply): Promise<void> => {
    const schema = request.routeOptions.schema as { operationId?: string; hide?: boolean } | undefined;
    const rule = rules[schema?.operationId ?? ''];
    if (rule === undefined) {
      // Nothing answers here; whoever may ask is told so.
      if (request.is404) return;
      throw new Error(`${request.url} has no rule`);
    }
    if (rule === 'open') return;
    // Neither what a page asks for by itself nor its open stream proves that somebody is there.
    const attended =
      request.headers['signalbox-unattended'] === undefined && schema?.operationId !== 'streamChanges';
    const caller = await callerOf(shell, request, localKey, attended);
    request.caller = caller;
    const params = request.params as Readonly<Record<string, string>>;
    if (await allows(shell, rule, caller, params)) return;
    throw refusal(rule, caller);
  };
}

/** Whether a rule lets a caller do something to what the parameters of a path name. */
export async function allows(
  shell: Pick<Shell, 'db' | 'project'>,
  rule: Exclude<Rule, 'open'>,
  caller: Caller,
  params: Readonly<Record<string, string>>,
): Promise<boolean> {
  if (rule === 'signed_in') return true;
  if (rule === 'own') return caller.by === 'session';
  if (typeof rule === 'string') return caller.rights.has(rule);
  if (caller.rights.has(rule.right)) return true;
  if (!caller.rightsAsOwner.has(rule.right) || caller.person === null) return false;
  const project = shell.project();
  const own = new Set<string>(refsOf(project, caller.person));
  const whose =
    rule.of === 'workflow'
      ? ownersOf(project, params.name ?? '')
      : await ownersOfTicket(shell, params.ticketId ?? params.id ?? '');
  return whose.some((ref) => own.has(ref));
}

function ownersOf(project: Project, workflow: string): string[] {
  const found = project.workflows.get(workflow);
  return found === undefined ? [] : [found.owner, found.alternate];
}

/** Who answers for its workflow as it is in force, and whom its own rows name. */
async function ownersOfTicket(shell: Pick<Shell, 'db' | 'project'>, id: string): Promise<string[]> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return [];
  const ticket = await answerableFor(shell.db, id);
  return ticket === null ? [] : [...ticket.refs, ...ownersOf(shell.project(), ticket.workflow)];
}

function refusal(rule: Exclude<Rule, 'open'>, caller: Caller): AppError {
  if (rule === 'own' || rule === 'signed_in') {
    return new AppError('forbidden', 'This is done by a person who has signed in, not with a key.', {
      help: 'Sign in to the console.',
    });
  }
  const right: Right = typeof rule === 'string' ? rule : rule.right;
  const whose = typeof rule === 'string' ? '' : `, or be owner or alternate of the ${rule.of}'s workflow`;
  const scope = caller.by === 'key' ? ' The key needs that scope, too.' : '';
  return new AppError('forbidden', `This needs the right \`${right}\`${whose}.`, {
    help: `Roles that have it: ${rolesWith(right).join(', ')}. An administrator gives them.${scope}`,
    details: { right },
  });
}
