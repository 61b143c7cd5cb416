-- What rows are sent as, many in one parameter. A table's own row type would do, but PostgreSQL copies the table's CHECK
-- constraints with it each time that a statement is begun: a tenth of what a group of four tickets costs it.
-- A column that a table gets is added here as well; a test compares them.

create type delivery_row as (
  id uuid,
  source text,
  received_at timestamptz(3),
  content_type text,
  headers text,
  body bytea,
  salt bytea,
  digest bytea,
  erased_at timestamptz(3)
);

create type ticket_row as (
  id uuid,
  source text,
  delivery_id uuid,
  part integer,
  workflow text,
  workflow_version text,
  identity text,
  digest text,
  state text,
  owner text,
  alternate text,
  fields json,
  route text,
  confidence double precision,
  revision integer,
  joined integer,
  received_at timestamptz(3),
  updated_at timestamptz(3),
  settled_at timestamptz(3),
  head_seq integer,
  head_hash bytea
);

create type payload_row as (
  ticket_id uuid,
  revision integer,
  content_type text,
  headers text,
  body bytea,
  salt bytea,
  digest bytea,
  erased_at timestamptz(3)
);

create type identity_row as (
  source text,
  identity text,
  ticket_id uuid,
  digest text,
  version json,
  until timestamptz(3)
);

create type entry_row as (
  ticket_id uuid,
  seq integer,
  at timestamptz(3),
  kind text,
  actor text,
  data text,
  previous bytea,
  hash bytea
);

create type handoff_row as (
  ticket_id uuid,
  seq integer,
  handoff text,
  destination text,
  plan json,
  idempotency_key text,
  state text,
  attempts integer,
  give_up_at timestamptz(3),
  due_at timestamptz(3),
  response json,
  accepted_at timestamptz(3),
  probes integer,
  confirm_by timestamptz(3),
  created_at timestamptz(3),
  settled_at timestamptz(3),
  excused integer
);

create type attempt_row as (
  ticket_id uuid,
  handoff_seq integer,
  attempt integer,
  started_at timestamptz(3),
  ended_at timestamptz(3),
  result text,
  status integer,
  detail text,
  response text
);

create type outcome_row as (
  ticket_id uuid,
  handoff_seq integer,
  state text,
  compared json,
  evidence text,
  decided_at timestamptz(3),
  decided_by text
);

create type approval_row as (
  ticket_id uuid,
  handoff_seq integer,
  state text,
  by text,
  digest text,
  due_at timestamptz(3),
  decided_at timestamptz(3),
  decided_by text,
  reason text,
  policy json,
  alternate_at timestamptz(3),
  remind_at timestamptz(3),
  reminded_at timestamptz(3),
  yes json
);

create type exception_row as (
  ticket_id uuid,
  seq integer,
  mode text,
  handoff_seq integer,
  summary text,
  detail json,
  state text,
  owner text,
  alternate text,
  responsible text,
  policy json,
  fingerprint text,
  ttl_ms bigint,
  resolve_by timestamptz(3),
  lapses_at timestamptz(3),
  due_at timestamptz(3),
  level integer,
  sla_missed_at timestamptz(3),
  claimed_by text,
  claimed_at timestamptz(3),
  checklist json,
  root_cause text,
  resolution text,
  resolution_note text,
  opened_at timestamptz(3),
  resolved_at timestamptz(3),
  resolved_by text
);
