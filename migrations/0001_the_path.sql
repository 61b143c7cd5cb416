-- The path of a ticket: what came in, what was decided, what was promised, what was proved, what stands open.
-- Foreign data is kept as `json` or bytes, never `jsonb`: jsonb refuses U+0000, and nothing may be lost for it.

-- pg-boss fills it itself, as the program's role.
create schema if not exists pgboss;

create table workflow_version (
  version text primary key check (version ~ '^[0-9a-f]{64}$'),
  workflow text not null,
  bundle text not null,
  deployed_at timestamptz(3) not null,
  deployed_by text not null,
  active boolean not null
);
create unique index workflow_version_active on workflow_version (workflow) where active;

-- What a sender sent at once, where several triggers were split from it. A lone trigger's payload is its delivery.
create table delivery (
  id uuid primary key,
  source text not null,
  received_at timestamptz(3) not null,
  content_type text not null,
  headers text not null,
  body bytea,
  salt bytea not null check (length(salt) = 16),
  digest bytea not null check (length(digest) = 32),
  erased_at timestamptz(3),
  check ((body is null) = (erased_at is not null))
);

create table ticket (
  id uuid primary key,
  source text not null,
  delivery_id uuid references delivery (id),
  part integer check (part >= 0),
  workflow text not null,
  workflow_version text not null references workflow_version (version),
  identity text not null check (length(identity) between 1 and 600),
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  state text not null check (state in ('handoff', 'triage', 'exception', 'done', 'discarded', 'rejected')),
  owner text not null check (owner ~ '^(person|team):.'),
  alternate text not null check (alternate ~ '^(person|team):.'),
  fields json not null,
  route text,
  confidence double precision check (confidence between 0 and 1),
  revision integer not null check (revision >= 1),
  joined integer not null default 0,
  received_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  settled_at timestamptz(3),
  head_seq integer not null check (head_seq >= 1),
  head_hash bytea not null check (length(head_hash) = 32),
  check (owner <> alternate),
  check ((delivery_id is null) = (part is null)),
  check ((state in ('done', 'discarded', 'rejected')) = (settled_at is not null))
);
create index ticket_identity on ticket (identity);
create index ticket_delivery on ticket (delivery_id) where delivery_id is not null;
create index ticket_open on ticket (state, id) where settled_at is null;

create function refuse_change_of_settled() returns trigger language plpgsql as $$
begin
  raise exception 'a settled % is written once', tg_table_name using errcode = 'check_violation';
end $$;

create trigger ticket_terminal before update on ticket for each row
  when (old.settled_at is not null
    and (new.state is distinct from old.state or new.settled_at is distinct from old.settled_at))
  execute function refuse_change_of_settled();

create table payload (
  ticket_id uuid not null references ticket (id),
  revision integer not null check (revision >= 1),
  content_type text not null,
  headers text not null,
  body bytea,
  salt bytea not null check (length(salt) = 16),
  digest bytea not null check (length(digest) = 32),
  erased_at timestamptz(3),
  primary key (ticket_id, revision),
  check ((body is null) = (erased_at is not null))
);

create table identity (
  source text not null,
  identity text not null,
  ticket_id uuid not null references ticket (id) deferrable initially deferred,
  digest text not null,
  version json,
  until timestamptz(3) not null,
  primary key (source, identity)
);

-- Requests that their senders may repeat, with what they were answered. Forgotten after a day.
create table idempotency (
  key text primary key check (length(key) between 1 and 255),
  request text not null check (request ~ '^[0-9a-f]{64}$'),
  answers json not null,
  until timestamptz(3) not null
);
create index idempotency_until on idempotency (until);

create table entry (
  ticket_id uuid not null references ticket (id),
  seq integer not null check (seq >= 1),
  at timestamptz(3) not null,
  kind text not null,
  actor text not null,
  data text not null,
  previous bytea not null check (length(previous) = 32),
  hash bytea not null check (length(hash) = 32),
  primary key (ticket_id, seq)
);

create function refuse_change_of_entry() returns trigger language plpgsql as $$
begin
  raise exception 'entries are append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger entry_append_only before update or delete on entry for each row
  execute function refuse_change_of_entry();
create trigger entry_no_truncate before truncate on entry for each statement
  execute function refuse_change_of_entry();
-- `always`: session_replication_role = replica, which silences other triggers, does not silence these.
alter table entry enable always trigger entry_append_only;
alter table entry enable always trigger entry_no_truncate;

create table handoff (
  ticket_id uuid not null references ticket (id),
  seq integer not null check (seq >= 1),
  handoff text not null,
  destination text not null,
  plan json not null,
  idempotency_key text not null,
  state text not null check (state in
    ('awaiting_approval', 'waiting', 'ready', 'attempting', 'confirming', 'confirmed', 'failed', 'cancelled')),
  attempts integer not null default 0 check (attempts >= 0),
  give_up_at timestamptz(3) not null,
  due_at timestamptz(3),
  response json,
  accepted_at timestamptz(3),
  probes integer not null default 0,
  confirm_by timestamptz(3),
  created_at timestamptz(3) not null,
  settled_at timestamptz(3),
  primary key (ticket_id, seq),
  check ((state in ('confirmed', 'failed', 'cancelled')) = (settled_at is not null)),
  check ((settled_at is null) = (due_at is not null)),
  check (state not in ('confirming', 'confirmed') or confirm_by is not null)
);
create index handoff_due on handoff (due_at) where settled_at is null;
create trigger handoff_terminal before update on handoff for each row
  when (old.settled_at is not null
    and (new.state is distinct from old.state or new.settled_at is distinct from old.settled_at))
  execute function refuse_change_of_settled();

create table attempt (
  ticket_id uuid not null,
  handoff_seq integer not null,
  attempt integer not null check (attempt >= 1),
  started_at timestamptz(3) not null,
  ended_at timestamptz(3),
  result text check (result in ('not_sent', 'rejected', 'accepted', 'unknown')),
  status integer,
  detail text,
  response text,
  primary key (ticket_id, handoff_seq, attempt),
  foreign key (ticket_id, handoff_seq) references handoff (ticket_id, seq),
  check ((result is null) = (ended_at is null))
);
create trigger attempt_terminal before update on attempt for each row
  when (old.result is not null)
  execute function refuse_change_of_settled();

create table outcome (
  ticket_id uuid not null,
  handoff_seq integer not null,
  state text not null check (state in ('confirmed', 'contradicted', 'unconfirmed', 'confirmed_by_person')),
  compared json not null,
  evidence text,
  decided_at timestamptz(3) not null,
  decided_by text not null,
  primary key (ticket_id, handoff_seq),
  foreign key (ticket_id, handoff_seq) references handoff (ticket_id, seq),
  check (state <> 'confirmed_by_person' or evidence is not null)
);
-- What was not confirmed may still be, by a person with evidence; what was confirmed stays so.
create trigger outcome_terminal before update on outcome for each row
  when (old.state in ('confirmed', 'confirmed_by_person'))
  execute function refuse_change_of_settled();

create table approval (
  ticket_id uuid not null,
  handoff_seq integer not null,
  state text not null check (state in ('waiting', 'approved', 'refused', 'overdue')),
  by text not null check (by ~ '^(person|team):.'),
  digest text not null,
  due_at timestamptz(3) not null,
  decided_at timestamptz(3),
  decided_by text,
  reason text,
  primary key (ticket_id, handoff_seq),
  foreign key (ticket_id, handoff_seq) references handoff (ticket_id, seq),
  check ((state = 'waiting') = (decided_at is null)),
  check ((decided_at is null) = (decided_by is null))
);
create trigger approval_terminal before update on approval for each row
  when (old.state <> 'waiting')
  execute function refuse_change_of_settled();
create index approval_due on approval (due_at) where state = 'waiting';

create table exception (
  ticket_id uuid not null references ticket (id),
  seq integer not null check (seq >= 1),
  mode text not null,
  handoff_seq integer,
  summary text not null,
  detail json not null,
  state text not null check (state in ('open', 'claimed', 'resolved')),
  owner text not null check (owner ~ '^(person|team):.'),
  alternate text not null check (alternate ~ '^(person|team):.'),
  responsible text not null check (responsible ~ '^(person|team):.'),
  policy json not null,
  fingerprint text not null,
  ttl_ms bigint not null check (ttl_ms > 0),
  resolve_by timestamptz(3) not null,
  lapses_at timestamptz(3),
  due_at timestamptz(3),
  level integer not null default 0 check (level >= 0),
  sla_missed_at timestamptz(3),
  claimed_by text,
  claimed_at timestamptz(3),
  checklist json not null,
  root_cause text,
  resolution text check (resolution in ('replay', 'reroute', 'retry', 'confirm', 'discard', 'superseded')),
  resolution_note text,
  opened_at timestamptz(3) not null,
  resolved_at timestamptz(3),
  resolved_by text,
  primary key (ticket_id, seq),
  foreign key (ticket_id, handoff_seq) references handoff (ticket_id, seq),
  check (owner <> alternate),
  check (resolve_by > opened_at),
  check (state = 'resolved' or (state = 'claimed') = (claimed_by is not null)),
  check ((claimed_by is null) = (claimed_at is null)),
  check ((state = 'resolved') = (resolved_at is not null)),
  check (state <> 'resolved' or (root_cause is not null and resolution is not null and resolved_by is not null)),
  check ((state = 'resolved') = (due_at is null)),
  check ((state = 'resolved') = (lapses_at is null))
);
create index exception_due on exception (due_at) where state <> 'resolved';
create index exception_open on exception (opened_at) where state <> 'resolved';
create unique index exception_one_open on exception (ticket_id, coalesce(handoff_seq, 0)) where state <> 'resolved';
create trigger exception_terminal before update on exception for each row
  when (old.state = 'resolved')
  execute function refuse_change_of_settled();

-- How far each polled source has been read. A run is a lease: what a late one writes under an old number is refused.
create table poll (
  source text primary key,
  cursor json not null,
  round json,
  run integer not null default 0 check (run >= 0),
  due_at timestamptz(3) not null,
  lease_until timestamptz(3),
  last_success_at timestamptz(3),
  failures integer not null default 0 check (failures >= 0),
  error text,
  check ((failures = 0) = (error is null))
);

create table sweep (
  name text primary key,
  ran_at timestamptz(3) not null,
  succeeded_at timestamptz(3),
  error text
);
