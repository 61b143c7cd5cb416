import { roles } from '../account/account.ts';
import type { Role } from '../db/schema-accounts.ts';

/**
 * Who may do what: the one place that says so. Each operation of the API has a rule here; a route without one is refused
 * at start. docs/reference/rights.md is this table as it is enforced, written by test/api/rights.test.ts.
 */

/** What an operation needs; also the scopes of API keys. */
export const rights = ['read', 'work', 'decide', 'hand_in', 'deploy', 'administer'] as const;
export type Right = (typeof rights)[number];

export type Rule =
  /** Nothing: it tells nothing of the work, or has a proof of its own. */
  | 'open'
  /** Any session, key, or the local key. */
  | 'signed_in'
  /** A session: what people do to their own account. */
  | 'own'
  | Right
  /** The right, or the role `owner` for what is theirs: the ticket or workflow that the path names. */
  | { readonly right: Right; readonly of: 'ticket' | 'workflow' };

const rightsOf: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ['read'],
  operator: ['read', 'work', 'hand_in'],
  owner: ['read'],
  approver: ['read', 'decide'],
  administrator: rights,
};

/** What all roles of an account may together. */
export function rightsOfRoles(held: readonly Role[]): ReadonlySet<Right> {
  return new Set(held.flatMap((role) => rightsOf[role] ?? []));
}

/** Roles that have a right everywhere, for the person who lacks it. */
export function rolesWith(right: Right): Role[] {
  return roles.filter((role) => rightsOf[role].includes(right));
}

/** Who is shown what a contract hides of a ticket's payload: whoever may repair it. */
export const seesHidden: Rule = { right: 'work', of: 'ticket' };

/** By operationId. */
export const rules: Readonly<Record<string, Rule>> = {
  postTrigger: 'open',
  getLive: 'open',
  getReady: 'open',

  getSignIn: 'open',
  signInByLink: 'open',
  signIn: 'open',
  signInByCode: 'open',
  startPasskeySignIn: 'open',
  signInByPasskey: 'open',
  startOidcSignIn: 'open',
  signInByOidc: 'open',
  signOut: 'own',
  getMe: 'signed_in',
  setPassword: 'own',
  startTotp: 'own',
  confirmTotp: 'own',
  removeTotp: 'own',
  renewBackupCodes: 'own',
  listPasskeys: 'own',
  startPasskey: 'own',
  addPasskey: 'own',
  removePasskey: 'own',
  listSessions: 'own',
  endSession: 'own',
  endOtherSessions: 'own',
  listKeys: 'own',
  makeKey: 'own',
  revokeKey: 'own',
  listAccounts: 'administer',
  makeLink: 'administer',
  changeAccount: 'administer',
  endSessionsOf: 'administer',
  listKeysOf: 'administer',
  makeKeyFor: 'administer',
  revokeKeyOf: 'administer',
  listAccountActs: 'administer',

  streamChanges: 'read',
  listTickets: 'read',
  makeApprovalLink: 'administer',
  decideOutcome: { right: 'work', of: 'ticket' },
  transferTicket: { right: 'work', of: 'ticket' },
  reconcileSource: 'work',
  resumeDestination: 'work',
  pauseDestination: 'work',
  listOutcomes: 'read',
  accountInside: 'read',
  listReconciliations: 'read',
  getDetection: 'read',
  getDestination: 'read',
  getTicket: 'read',
  explainTicket: 'read',
  getTicketPayload: 'read',
  getReplayBase: 'read',
  // Payloads whole, and what is made of them: for who works with them.
  rehearseReplay: seesHidden,
  listTriggers: 'work',
  listExceptions: 'read',
  countExceptions: 'read',
  getToday: 'read',
  listPeople: 'read',
  getInventory: 'read',
  getWorkflowMap: 'read',
  getException: 'read',
  actOnException: { right: 'work', of: 'ticket' },
  listApprovals: 'read',
  decideApproval: 'decide',
  listSources: 'read',
  checkDelivery: 'hand_in',
  listDestinations: 'read',
  listAttemptsAt: 'read',
  listHandoffsTo: 'read',
  pollSource: 'hand_in',
  handInTrigger: 'hand_in',
  listWorkflows: 'read',
  listWorkflowVersions: 'read',
  compareWorkflowVersions: 'read',
  deployWorkflows: 'deploy',
  rollBackWorkflow: { right: 'deploy', of: 'workflow' },
  listDrift: 'read',
  acknowledgeDrift: 'work',
  verifyAudit: 'read',
};
