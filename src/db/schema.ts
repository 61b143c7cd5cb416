import type { Generated, GeneratedAlways, Kysely, Transaction } from 'kysely';
import type {
  ReadingAgainTable,
  ReconciliationListedTable,
  ReconciliationTable,
} from '../detection/reconciliation/tables.ts';
import type { FailureMode, Resolution } from '../exceptions/exception.ts';
import type {
  AccountActTable,
  AccountTable,
  ApiKeyTable,
  BackupCodeTable,
  ChangeTable,
  PasskeyTable,
  SignInSessionTable,
  SignInTokenTable,
} from './schema-accounts.ts';
import type { ArrivalTable, DetectorTable, FindingTable } from './schema-detection.ts';
import type {
  CallbackKeyTable,
  CallbackMatchTable,
  CallbackTable,
  ConfirmationTable,
} from './schema-outcome.ts';

/**
 * The tables as Kysely types, mirroring `migrations/`.
 * `json` columns come out parsed and go in as text (JSON.stringify); bytea is Buffer; timestamptz is Date;
 * bigint comes out as a number (db/connect.ts sets the parser: every bigint here is below 2^53).
 */
export interface Database {
  workflow_version: WorkflowVersionTable;
  deployment: DeploymentTable;
  delivery: DeliveryTable;
  ticket: TicketTable;
  payload: PayloadTable;
  identity: IdentityTable;
  idempotency: IdempotencyTable;
  entry: EntryTable;
  handoff: HandoffTable;
  attempt: AttemptTable;
  outcome: OutcomeTable;
  approval: ApprovalTable;
  confirmation: ConfirmationTable;
  callback: CallbackTable;
  callback_key: CallbackKeyTable;
  callback_match: CallbackMatchTable;
  exception: ExceptionTable;
  poll: PollTable;
  shape_reader: ShapeReaderTable;
  payload_shape: PayloadShapeTable;
  drift: DriftTable;
  reconciliation: ReconciliationTable;
  reconciliation_listed: ReconciliationListedTable;
  reading_again: ReadingAgainTable;
  sweep: SweepTable;
  destination: DestinationTable;
  destination_act: DestinationActTable;
  finding: FindingTable;
  detector: DetectorTable;
  arrival: ArrivalTable;
  account: AccountTable;
  sign_in_session: SignInSessionTable;
  sign_in_token: SignInTokenTable;
  passkey: PasskeyTable;
  backup_code: BackupCodeTable;
  api_key: ApiKeyTable;
  account_act: AccountActTable;
  change: ChangeTable;
}

/** A connection pool or a transaction: what every store function takes first. */
export type Db = Kysely<Database> | Transaction<Database>;
export type Tx = Transaction<Database>;

interface WorkflowVersionTable {
  version: string;
  workflow: string;
  bundle: string;
  deployed_at: Date;
  deployed_by: string;
  active: boolean;
}

/** How a version came in force: from the project's folder, sent, or as a stored version again. */
export type DeploymentKind = 'up' | 'deploy' | 'rollback';

interface DeploymentTable {
  id: GeneratedAlways<number>;
  workflow: string;
  /** Null: the workflow was withdrawn. */
  version: string | null;
  /** What was in force until then. */
  replaced: string | null;
  kind: DeploymentKind;
  deployed_at: Date;
  deployed_by: string;
  reason: string;
}

export type TicketState = 'handoff' | 'triage' | 'exception' | 'done' | 'discarded' | 'rejected';

interface DeliveryTable {
  id: string;
  source: string;
  received_at: Date;
  content_type: string;
  /** Canonical JSON of the kept headers. */
  headers: string;
  body: Buffer | null;
  salt: Buffer;
  digest: Buffer;
  erased_at: Date | null;
}

export interface TicketTable {
  id: string;
  source: string;
  /** What its trigger was split from, and where it stood there (from 0); both null where it came alone. */
  delivery_id: string | null;
  part: number | null;
  workflow: string;
  workflow_version: string;
  identity: string;
  digest: string;
  state: TicketState;
  owner: string;
  alternate: string;
  fields: unknown;
  route: string | null;
  confidence: number | null;
  revision: number;
  joined: Generated<number>;
  received_at: Date;
  updated_at: Date;
  settled_at: Date | null;
  head_seq: number;
  head_hash: Buffer;
}

interface PayloadTable {
  ticket_id: string;
  revision: number;
  content_type: string;
  /** Canonical JSON of the kept headers. */
  headers: string;
  body: Buffer | null;
  salt: Buffer;
  digest: Buffer;
  erased_at: Date | null;
}

interface IdentityTable {
  source: string;
  identity: string;
  ticket_id: string;
  digest: string;
  /** Of the newest content, where the workflow goes by versions: a JSON number or text. */
  version: unknown;
  until: Date;
}

interface IdempotencyTable {
  key: string;
  /** SHA-256 (hex) of the request. */
  request: string;
  answers: unknown;
  until: Date;
}

interface EntryTable {
  ticket_id: string;
  seq: number;
  at: Date;
  kind: string;
  actor: string;
  /** Canonical JSON. */
  data: string;
  previous: Buffer;
  hash: Buffer;
}

export type HandoffState =
  | 'awaiting_approval'
  | 'waiting'
  | 'ready'
  | 'attempting'
  | 'confirming'
  | 'confirmed'
  | 'failed'
  | 'cancelled';

export interface HandoffTable {
  ticket_id: string;
  seq: number;
  handoff: string;
  destination: string;
  plan: unknown;
  idempotency_key: string;
  state: HandoffState;
  attempts: Generated<number>;
  give_up_at: Date;
  /** When the sweeper looks at it: next attempt, lease end, next probe, approval deadline. */
  due_at: Date | null;
  response: unknown;
  accepted_at: Date | null;
  probes: Generated<number>;
  confirm_by: Date | null;
  created_at: Date;
  settled_at: Date | null;
  /** Attempts that do not count: their destination was out. */
  excused: Generated<number>;
}

export type AttemptResult = 'not_sent' | 'rejected' | 'accepted' | 'unknown';

export interface AttemptTable {
  ticket_id: string;
  handoff_seq: number;
  attempt: number;
  started_at: Date;
  ended_at: Date | null;
  result: AttemptResult | null;
  status: number | null;
  detail: string | null;
  response: string | null;
}

export interface OutcomeTable {
  ticket_id: string;
  handoff_seq: number;
  state: 'confirmed' | 'contradicted' | 'unconfirmed' | 'confirmed_by_person';
  compared: unknown;
  evidence: string | null;
  decided_at: Date;
  decided_by: string;
}

export interface ApprovalTable {
  ticket_id: string;
  handoff_seq: number;
  state: 'waiting' | 'approved' | 'refused' | 'overdue';
  by: string;
  /** SHA-256 (hex) of the request that is approved. */
  digest: string;
  due_at: Date;
  decided_at: Date | null;
  decided_by: string | null;
  reason: string | null;
  /** What differs from one yes by whoever is asked (approval/decide.ts). */
  policy: unknown;
  /** When the alternate was asked. */
  alternate_at: Date | null;
  remind_at: Date | null;
  reminded_at: Date | null;
  /** Who has said yes while more are needed: by, at, reason. */
  yes: unknown;
}

export interface ExceptionTable {
  ticket_id: string;
  seq: number;
  mode: FailureMode;
  handoff_seq: number | null;
  summary: string;
  detail: unknown;
  state: 'open' | 'claimed' | 'resolved';
  owner: string;
  alternate: string;
  /** Whom it is on now: owner, then alternate, then up the escalation. */
  responsible: string;
  policy: unknown;
  fingerprint: string;
  ttl_ms: number;
  resolve_by: Date;
  /** Open: the end of its TTL. Claimed: the end of the claim's lease. */
  lapses_at: Date | null;
  /** When the sweeper looks at it: the earlier of lapses_at and, until it is missed, resolve_by. */
  due_at: Date | null;
  level: Generated<number>;
  sla_missed_at: Date | null;
  claimed_by: string | null;
  claimed_at: Date | null;
  checklist: unknown;
  root_cause: string | null;
  resolution: Resolution | null;
  resolution_note: string | null;
  opened_at: Date;
  resolved_at: Date | null;
  resolved_by: string | null;
}

export interface PollTable {
  source: string;
  cursor: unknown;
  /** The round under way: what it has come to, and its next page; null between rounds. */
  round: unknown;
  /** Counts the runs; a run writes only while it is the last one. */
  run: Generated<number>;
  /** When the sweeper looks at it: the next run, or the end of the lease of the one under way. */
  due_at: Date;
  lease_until: Date | null;
  last_success_at: Date | null;
  failures: Generated<number>;
  error: string | null;
}

interface ShapeReaderTable {
  one_row: Generated<boolean>;
  /** The last ticket that was read. */
  position: string;
  due_at: Date;
}

interface PayloadShapeTable {
  source: string;
  /** Empty: payloads that name no kind. */
  kind: string;
  older: unknown;
  younger: unknown;
  recent: unknown;
  updated_at: Date;
}

export interface DriftTable {
  id: Generated<number>;
  source: string;
  kind: string;
  path: string;
  change: 'appeared' | 'vanished' | 'type' | 'format';
  /** The type or format that it is about; empty: none. */
  what: string;
  before_seen: number;
  before_of: number;
  now_seen: number;
  now_of: number;
  /** Whether the contract spoke of it when it was found. */
  described: boolean;
  opened_at: Date;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  reason: string | null;
  closed_at: Date | null;
  closed_because: 'over' | 'in_contract' | null;
}

interface SweepTable {
  name: string;
  ran_at: Date;
  succeeded_at: Date | null;
  error: string | null;
}

export type CircuitState = 'closed' | 'open' | 'recovering' | 'paused';

export interface DestinationTable {
  key: string;
  state: CircuitState;
  reason: string;
  since: Date;
  probe_at: Date | null;
  probes: number;
  held_until: Date | null;
  paused_by: string | null;
  version: number;
}

export interface DestinationActTable {
  id: GeneratedAlways<number>;
  destination: string;
  act: 'opened' | 'recovering' | 'closed' | 'paused' | 'resumed';
  at: Date;
  actor: string;
  reason: string;
}
