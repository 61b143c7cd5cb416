-- The schema after all migrations, for readers; nothing runs it. Written by: npx vitest run test/db/migrate.test.ts -u

CREATE OR REPLACE FUNCTION public.refuse_change_of_account_act()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'acts on accounts are append-only' using errcode = 'insufficient_privilege';
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_change_of_act()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'acts on destinations are append-only' using errcode = 'insufficient_privilege';
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_change_of_deployment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'deployments are append-only' using errcode = 'insufficient_privilege';
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_change_of_entry()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'entries are append-only' using errcode = 'insufficient_privilege';
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_change_of_settled()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'a settled % is written once', tg_table_name using errcode = 'check_violation';
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_removal()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'a % is never removed', tg_table_name using errcode = 'insufficient_privilege';
end $function$
;

create type approval_row as (
  ticket_id uuid,
  handoff_seq integer,
  state text,
  by text,
  digest text,
  due_at timestamp(3) with time zone,
  decided_at timestamp(3) with time zone,
  decided_by text,
  reason text,
  policy json,
  alternate_at timestamp(3) with time zone,
  remind_at timestamp(3) with time zone,
  reminded_at timestamp(3) with time zone,
  yes json
);

create type attempt_row as (
  ticket_id uuid,
  handoff_seq integer,
  attempt integer,
  started_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  result text,
  status integer,
  detail text,
  response text
);

create type delivery_row as (
  id uuid,
  source text,
  received_at timestamp(3) with time zone,
  content_type text,
  headers text,
  body bytea,
  salt bytea,
  digest bytea,
  erased_at timestamp(3) with time zone
);

create type entry_row as (
  ticket_id uuid,
  seq integer,
  at timestamp(3) with time zone,
  kind text,
  actor text,
  data text,
  previous bytea,
  hash bytea
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
  resolve_by timestamp(3) with time zone,
  lapses_at timestamp(3) with time zone,
  due_at timestamp(3) with time zone,
  level integer,
  sla_missed_at timestamp(3) with time zone,
  claimed_by text,
  claimed_at timestamp(3) with time zone,
  checklist json,
  root_cause text,
  resolution text,
  resolution_note text,
  opened_at timestamp(3) with time zone,
  resolved_at timestamp(3) with time zone,
  resolved_by text
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
  give_up_at timestamp(3) with time zone,
  due_at timestamp(3) with time zone,
  response json,
  accepted_at timestamp(3) with time zone,
  probes integer,
  confirm_by timestamp(3) with time zone,
  created_at timestamp(3) with time zone,
  settled_at timestamp(3) with time zone,
  excused integer
);

create type identity_row as (
  source text,
  identity text,
  ticket_id uuid,
  digest text,
  version json,
  until timestamp(3) with time zone
);

create type outcome_row as (
  ticket_id uuid,
  handoff_seq integer,
  state text,
  compared json,
  evidence text,
  decided_at timestamp(3) with time zone,
  decided_by text
);

create type payload_row as (
  ticket_id uuid,
  revision integer,
  content_type text,
  headers text,
  body bytea,
  salt bytea,
  digest bytea,
  erased_at timestamp(3) with time zone
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
  received_at timestamp(3) with time zone,
  updated_at timestamp(3) with time zone,
  settled_at timestamp(3) with time zone,
  head_seq integer,
  head_hash bytea
);

create table account (
  person text not null,
  roles text[] not null,
  password text,
  totp_secret bytea,
  totp_confirmed_at timestamp(3) with time zone,
  totp_step bigint default 0 not null,
  oidc_subject text,
  created_at timestamp(3) with time zone not null,
  closed_at timestamp(3) with time zone,
  PRIMARY KEY (person),
  UNIQUE (oidc_subject),
  CHECK ((((cardinality(roles) >= 1) AND (cardinality(roles) <= 5)) AND (roles <@ ARRAY['viewer'::text, 'operator'::text, 'owner'::text, 'approver'::text, 'administrator'::text]))),
  CHECK (((length(person) >= 1) AND (length(person) <= 200))),
  CHECK (((totp_secret IS NOT NULL) OR (totp_confirmed_at IS NULL)))
);

create table account_act (
  id bigint not null,
  at timestamp(3) with time zone not null,
  actor text not null,
  person text,
  act text not null,
  detail json not null,
  PRIMARY KEY (id),
  CHECK ((actor <> ''::text))
);
CREATE TRIGGER account_act_append_only BEFORE DELETE OR UPDATE ON public.account_act FOR EACH ROW EXECUTE FUNCTION refuse_change_of_account_act(); -- always
CREATE TRIGGER account_act_no_truncate BEFORE TRUNCATE ON public.account_act FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_account_act(); -- always

create table api_key (
  id bigint not null,
  digest bytea not null,
  hint text not null,
  person text not null,
  name text not null,
  scopes text[] not null,
  created_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  used_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone,
  PRIMARY KEY (id),
  UNIQUE (digest),
  FOREIGN KEY (person) REFERENCES account(person),
  CHECK (((length(name) >= 1) AND (length(name) <= 100))),
  CHECK ((cardinality(scopes) >= 1)),
  CHECK ((expires_at > created_at)),
  CHECK ((length(digest) = 32))
);
CREATE INDEX api_key_person ON public.api_key USING btree (person);

create table approval (
  ticket_id uuid not null,
  handoff_seq integer not null,
  state text not null,
  by text not null,
  digest text not null,
  due_at timestamp(3) with time zone not null,
  decided_at timestamp(3) with time zone,
  decided_by text,
  reason text,
  policy json default '{}'::json not null,
  alternate_at timestamp(3) with time zone,
  remind_at timestamp(3) with time zone,
  reminded_at timestamp(3) with time zone,
  yes json default '[]'::json not null,
  PRIMARY KEY (ticket_id, handoff_seq),
  FOREIGN KEY (ticket_id, handoff_seq) REFERENCES handoff(ticket_id, seq),
  CHECK (((decided_at IS NULL) = (decided_by IS NULL))),
  CHECK (((reminded_at IS NULL) OR (remind_at IS NOT NULL))),
  CHECK (((state = 'waiting'::text) = (decided_at IS NULL))),
  CHECK ((by ~ '^(person|team):.'::text)),
  CHECK ((state = ANY (ARRAY['waiting'::text, 'approved'::text, 'refused'::text, 'overdue'::text])))
);
CREATE INDEX approval_due ON public.approval USING btree (due_at) WHERE (state = 'waiting'::text);
CREATE TRIGGER approval_terminal BEFORE UPDATE ON public.approval FOR EACH ROW WHEN ((old.state <> 'waiting'::text)) EXECUTE FUNCTION refuse_change_of_settled();

create table arrival (
  source text not null,
  hour timestamp(3) with time zone not null,
  tickets integer not null,
  last_at timestamp(3) with time zone not null,
  PRIMARY KEY (source, hour),
  CHECK ((tickets >= 1))
);

create table attempt (
  ticket_id uuid not null,
  handoff_seq integer not null,
  attempt integer not null,
  started_at timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone,
  result text,
  status integer,
  detail text,
  response text,
  PRIMARY KEY (ticket_id, handoff_seq, attempt),
  FOREIGN KEY (ticket_id, handoff_seq) REFERENCES handoff(ticket_id, seq),
  CHECK (((result IS NULL) = (ended_at IS NULL))),
  CHECK ((attempt >= 1)),
  CHECK ((result = ANY (ARRAY['not_sent'::text, 'rejected'::text, 'accepted'::text, 'unknown'::text])))
);
CREATE INDEX attempt_started ON public.attempt USING btree (started_at);
CREATE TRIGGER attempt_terminal BEFORE UPDATE ON public.attempt FOR EACH ROW WHEN ((old.result IS NOT NULL)) EXECUTE FUNCTION refuse_change_of_settled();

create table backup_code (
  person text not null,
  digest bytea not null,
  PRIMARY KEY (person, digest),
  FOREIGN KEY (person) REFERENCES account(person),
  CHECK ((length(digest) = 32))
);

create table callback (
  id bigint not null,
  ticket_id uuid,
  handoff_seq integer,
  source text,
  keys json not null,
  content_type text not null,
  body bytea,
  digest bytea not null,
  verdict text,
  received_at timestamp(3) with time zone not null,
  PRIMARY KEY (id),
  FOREIGN KEY (ticket_id, handoff_seq) REFERENCES handoff(ticket_id, seq),
  CHECK (((ticket_id IS NULL) = (handoff_seq IS NULL))),
  CHECK (((verdict IS NULL) OR (ticket_id IS NOT NULL))),
  CHECK ((length(digest) = 32)),
  CHECK ((verdict = ANY (ARRAY['stands'::text, 'wrong'::text, 'pending'::text, 'late'::text])))
);
CREATE INDEX callback_unclaimed_since ON public.callback USING btree (source, received_at) WHERE (ticket_id IS NULL);
CREATE UNIQUE INDEX callback_content ON public.callback USING btree (ticket_id, handoff_seq, digest) WHERE (ticket_id IS NOT NULL);
CREATE UNIQUE INDEX callback_unclaimed ON public.callback USING btree (source, digest) WHERE (ticket_id IS NULL);

create table callback_key (
  source text not null,
  match text not null,
  key text not null,
  ticket_id uuid not null,
  handoff_seq integer not null,
  PRIMARY KEY (source, match, key, ticket_id, handoff_seq),
  FOREIGN KEY (ticket_id, handoff_seq) REFERENCES handoff(ticket_id, seq),
  CHECK (((length(key) >= 1) AND (length(key) <= 500)))
);

create table callback_match (
  source text not null,
  match text not null,
  PRIMARY KEY (source, match)
);

create table change (
  id bigint not null,
  at timestamp(3) with time zone not null,
  changes json not null,
  PRIMARY KEY (id)
);
CREATE INDEX change_at ON public.change USING btree (at);

create table confirmation (
  ticket_id uuid not null,
  handoff_seq integer not null,
  state text not null,
  by text not null,
  checklist json not null,
  asked_at timestamp(3) with time zone not null,
  due_at timestamp(3) with time zone not null,
  remind_at timestamp(3) with time zone,
  reminded_at timestamp(3) with time zone,
  decided_at timestamp(3) with time zone,
  decided_by text,
  evidence text,
  PRIMARY KEY (ticket_id, handoff_seq),
  FOREIGN KEY (ticket_id, handoff_seq) REFERENCES handoff(ticket_id, seq),
  CHECK (((decided_at IS NULL) = (decided_by IS NULL))),
  CHECK (((length(evidence) >= 1) AND (length(evidence) <= 4000))),
  CHECK (((state <> ALL (ARRAY['confirmed'::text, 'denied'::text])) OR (evidence IS NOT NULL))),
  CHECK (((state = 'waiting'::text) = (decided_at IS NULL))),
  CHECK ((by ~ '^(person|team):.'::text)),
  CHECK ((state = ANY (ARRAY['waiting'::text, 'confirmed'::text, 'denied'::text, 'overdue'::text])))
);
CREATE INDEX confirmation_due ON public.confirmation USING btree (due_at) WHERE (state = 'waiting'::text);
CREATE TRIGGER confirmation_terminal BEFORE UPDATE ON public.confirmation FOR EACH ROW WHEN ((old.state <> 'waiting'::text)) EXECUTE FUNCTION refuse_change_of_settled();

create table delivery (
  id uuid not null,
  source text not null,
  received_at timestamp(3) with time zone not null,
  content_type text not null,
  headers text not null,
  body bytea,
  salt bytea not null,
  digest bytea not null,
  erased_at timestamp(3) with time zone,
  PRIMARY KEY (id),
  CHECK (((body IS NULL) = (erased_at IS NOT NULL))),
  CHECK ((length(digest) = 32)),
  CHECK ((length(salt) = 16))
);

create table deployment (
  id bigint not null,
  workflow text not null,
  version text,
  replaced text,
  kind text not null,
  deployed_at timestamp(3) with time zone not null,
  deployed_by text not null,
  reason text not null,
  PRIMARY KEY (id),
  FOREIGN KEY (replaced) REFERENCES workflow_version(version),
  FOREIGN KEY (version) REFERENCES workflow_version(version),
  CHECK (((length(reason) >= 1) AND (length(reason) <= 4000))),
  CHECK (((version IS NOT NULL) OR (kind = 'up'::text))),
  CHECK ((deployed_by <> ''::text)),
  CHECK ((kind = ANY (ARRAY['up'::text, 'deploy'::text, 'rollback'::text])))
);
CREATE INDEX deployment_workflow ON public.deployment USING btree (workflow, id);
CREATE TRIGGER deployment_append_only BEFORE DELETE OR UPDATE ON public.deployment FOR EACH ROW EXECUTE FUNCTION refuse_change_of_deployment(); -- always
CREATE TRIGGER deployment_no_truncate BEFORE TRUNCATE ON public.deployment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_deployment(); -- always

create table destination (
  key text not null,
  state text not null,
  reason text not null,
  since timestamp(3) with time zone not null,
  probe_at timestamp(3) with time zone,
  probes integer default 0 not null,
  held_until timestamp(3) with time zone,
  paused_by text,
  version integer not null,
  PRIMARY KEY (key),
  CHECK (((state = 'open'::text) = (probe_at IS NOT NULL))),
  CHECK (((state = 'paused'::text) = (paused_by IS NOT NULL))),
  CHECK ((probes >= 0)),
  CHECK ((state = ANY (ARRAY['closed'::text, 'open'::text, 'recovering'::text, 'paused'::text]))),
  CHECK ((version >= 1))
);

create table destination_act (
  id bigint not null,
  destination text not null,
  act text not null,
  at timestamp(3) with time zone not null,
  actor text not null,
  reason text not null,
  PRIMARY KEY (id),
  CHECK (((length(reason) >= 1) AND (length(reason) <= 4000))),
  CHECK ((act = ANY (ARRAY['opened'::text, 'recovering'::text, 'closed'::text, 'paused'::text, 'resumed'::text])))
);
CREATE INDEX destination_act_of ON public.destination_act USING btree (destination, id);
CREATE TRIGGER destination_act_append_only BEFORE DELETE OR UPDATE ON public.destination_act FOR EACH ROW EXECUTE FUNCTION refuse_change_of_act();

create table detector (
  name text not null,
  due_at timestamp(3) with time zone not null,
  ran_at timestamp(3) with time zone,
  succeeded_at timestamp(3) with time zone,
  error text,
  state json,
  PRIMARY KEY (name),
  CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

create table drift (
  id bigint not null,
  source text not null,
  kind text not null,
  path text not null,
  change text not null,
  what text not null,
  before_seen integer not null,
  before_of integer not null,
  now_seen integer not null,
  now_of integer not null,
  described boolean not null,
  opened_at timestamp(3) with time zone not null,
  acknowledged_at timestamp(3) with time zone,
  acknowledged_by text,
  reason text,
  closed_at timestamp(3) with time zone,
  closed_because text,
  PRIMARY KEY (id),
  CHECK (((acknowledged_at IS NULL) = (acknowledged_by IS NULL))),
  CHECK (((acknowledged_at IS NULL) = (reason IS NULL))),
  CHECK (((before_seen >= 0) AND (before_seen <= before_of))),
  CHECK (((closed_at IS NULL) = (closed_because IS NULL))),
  CHECK (((length(path) >= 1) AND (length(path) <= 1000))),
  CHECK (((length(reason) >= 1) AND (length(reason) <= 4000))),
  CHECK (((now_seen >= 0) AND (now_seen <= now_of))),
  CHECK ((change = ANY (ARRAY['appeared'::text, 'vanished'::text, 'type'::text, 'format'::text]))),
  CHECK ((closed_because = ANY (ARRAY['over'::text, 'in_contract'::text])))
);
CREATE TRIGGER drift_terminal BEFORE UPDATE ON public.drift FOR EACH ROW WHEN ((old.closed_at IS NOT NULL)) EXECUTE FUNCTION refuse_change_of_settled();
CREATE UNIQUE INDEX drift_one_open ON public.drift USING btree (source, kind, path, change, what) WHERE (closed_at IS NULL);

create table entry (
  ticket_id uuid not null,
  seq integer not null,
  at timestamp(3) with time zone not null,
  kind text not null,
  actor text not null,
  data text not null,
  previous bytea not null,
  hash bytea not null,
  PRIMARY KEY (ticket_id, seq),
  CHECK ((length(hash) = 32)),
  CHECK ((length(previous) = 32)),
  CHECK ((seq >= 1))
);
CREATE INDEX entry_moved ON public.entry USING btree (at) WHERE (kind = ANY (ARRAY['replayed'::text, 'revised'::text, 'ownership_transferred'::text, 'claim_lapsed'::text]));
CREATE TRIGGER entry_append_only BEFORE DELETE OR UPDATE ON public.entry FOR EACH ROW EXECUTE FUNCTION refuse_change_of_entry(); -- always
CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_entry(); -- always

create table exception (
  ticket_id uuid not null,
  seq integer not null,
  mode text not null,
  handoff_seq integer,
  summary text not null,
  detail json not null,
  state text not null,
  owner text not null,
  alternate text not null,
  responsible text not null,
  policy json not null,
  fingerprint text not null,
  ttl_ms bigint not null,
  resolve_by timestamp(3) with time zone not null,
  lapses_at timestamp(3) with time zone,
  due_at timestamp(3) with time zone,
  level integer default 0 not null,
  sla_missed_at timestamp(3) with time zone,
  claimed_by text,
  claimed_at timestamp(3) with time zone,
  checklist json not null,
  root_cause text,
  resolution text,
  resolution_note text,
  opened_at timestamp(3) with time zone not null,
  resolved_at timestamp(3) with time zone,
  resolved_by text,
  PRIMARY KEY (ticket_id, seq),
  FOREIGN KEY (ticket_id) REFERENCES ticket(id),
  FOREIGN KEY (ticket_id, handoff_seq) REFERENCES handoff(ticket_id, seq),
  CHECK (((claimed_by IS NULL) = (claimed_at IS NULL))),
  CHECK (((state <> 'resolved'::text) OR ((root_cause IS NOT NULL) AND (resolution IS NOT NULL) AND (resolved_by IS NOT NULL)))),
  CHECK (((state = 'resolved'::text) = (due_at IS NULL))),
  CHECK (((state = 'resolved'::text) = (lapses_at IS NULL))),
  CHECK (((state = 'resolved'::text) = (resolved_at IS NOT NULL))),
  CHECK (((state = 'resolved'::text) OR ((state = 'claimed'::text) = (claimed_by IS NOT NULL)))),
  CHECK ((alternate ~ '^(person|team):.'::text)),
  CHECK ((level >= 0)),
  CHECK ((owner <> alternate)),
  CHECK ((owner ~ '^(person|team):.'::text)),
  CHECK ((resolution = ANY (ARRAY['replay'::text, 'reroute'::text, 'retry'::text, 'confirm'::text, 'discard'::text, 'superseded'::text, 'over'::text]))),
  CHECK ((resolve_by > opened_at)),
  CHECK ((responsible ~ '^(person|team):.'::text)),
  CHECK ((seq >= 1)),
  CHECK ((state = ANY (ARRAY['open'::text, 'claimed'::text, 'resolved'::text]))),
  CHECK ((ttl_ms > 0))
);
CREATE INDEX exception_due ON public.exception USING btree (due_at) WHERE (state <> 'resolved'::text);
CREATE INDEX exception_open ON public.exception USING btree (opened_at) WHERE (state <> 'resolved'::text);
CREATE INDEX exception_resolved ON public.exception USING btree (resolved_at DESC, ticket_id DESC, seq DESC) WHERE (state = 'resolved'::text);
CREATE TRIGGER exception_terminal BEFORE UPDATE ON public.exception FOR EACH ROW WHEN ((old.state = 'resolved'::text)) EXECUTE FUNCTION refuse_change_of_settled();
CREATE UNIQUE INDEX exception_one_open ON public.exception USING btree (ticket_id, COALESCE(handoff_seq, 0), (
CASE
    WHEN (mode = ANY (ARRAY['silent_drop'::text, 'source_silent'::text, 'routing_thrash'::text, 'ownership_lapse'::text, 'sync_stale'::text, 'contract_drift'::text, 'stuck'::text, 'retry_storm'::text, 'error_rate'::text, 'unaccounted'::text, 'worker_silent'::text])) THEN mode
    ELSE ''::text
END)) WHERE (state <> 'resolved'::text);

create table finding (
  id bigint not null,
  key text not null,
  mode text not null,
  source text,
  ticket_id uuid not null,
  exception_seq integer not null,
  opened_at timestamp(3) with time zone not null,
  closed_at timestamp(3) with time zone,
  closed_because text,
  PRIMARY KEY (id),
  FOREIGN KEY (ticket_id, exception_seq) REFERENCES exception(ticket_id, seq) DEFERRABLE INITIALLY DEFERRED,
  CHECK (((closed_at IS NULL) = (closed_because IS NULL))),
  CHECK (((length(closed_because) >= 1) AND (length(closed_because) <= 1000))),
  CHECK (((length(key) >= 1) AND (length(key) <= 600)))
);
CREATE INDEX finding_open ON public.finding USING btree (mode, id) WHERE (closed_at IS NULL);
CREATE INDEX finding_ticket ON public.finding USING btree (ticket_id);
CREATE TRIGGER finding_terminal BEFORE UPDATE ON public.finding FOR EACH ROW WHEN ((old.closed_at IS NOT NULL)) EXECUTE FUNCTION refuse_change_of_settled();
CREATE UNIQUE INDEX finding_one_open ON public.finding USING btree (key) WHERE (closed_at IS NULL);

create table handoff (
  ticket_id uuid not null,
  seq integer not null,
  handoff text not null,
  destination text not null,
  plan json not null,
  idempotency_key text not null,
  state text not null,
  attempts integer default 0 not null,
  give_up_at timestamp(3) with time zone not null,
  due_at timestamp(3) with time zone,
  response json,
  accepted_at timestamp(3) with time zone,
  probes integer default 0 not null,
  confirm_by timestamp(3) with time zone,
  created_at timestamp(3) with time zone not null,
  settled_at timestamp(3) with time zone,
  excused integer default 0 not null,
  PRIMARY KEY (ticket_id, seq),
  CHECK (((excused >= 0) AND (excused <= attempts))),
  CHECK (((settled_at IS NULL) = (due_at IS NOT NULL))),
  CHECK (((state <> ALL (ARRAY['confirming'::text, 'confirmed'::text])) OR (confirm_by IS NOT NULL))),
  CHECK (((state = ANY (ARRAY['confirmed'::text, 'failed'::text, 'cancelled'::text])) = (settled_at IS NOT NULL))),
  CHECK ((attempts >= 0)),
  CHECK ((seq >= 1)),
  CHECK ((state = ANY (ARRAY['awaiting_approval'::text, 'waiting'::text, 'ready'::text, 'attempting'::text, 'confirming'::text, 'confirmed'::text, 'failed'::text, 'cancelled'::text])))
);
CREATE INDEX handoff_due ON public.handoff USING btree (due_at) WHERE (state = ANY (ARRAY['awaiting_approval'::text, 'waiting'::text, 'attempting'::text]));
CREATE INDEX handoff_told ON public.handoff USING btree (due_at) WHERE ((state = 'confirming'::text) AND (((plan -> 'outcome'::text) ->> 'kind'::text) = ANY (ARRAY['callback'::text, 'confirm'::text])));
CREATE INDEX handoff_work ON public.handoff USING btree (destination, due_at) WHERE (state = ANY (ARRAY['ready'::text, 'confirming'::text]));
CREATE TRIGGER handoff_terminal BEFORE UPDATE ON public.handoff FOR EACH ROW WHEN (((old.settled_at IS NOT NULL) AND ((new.state IS DISTINCT FROM old.state) OR (new.settled_at IS DISTINCT FROM old.settled_at)))) EXECUTE FUNCTION refuse_change_of_settled();

create table idempotency (
  key text not null,
  request text not null,
  answers json not null,
  until timestamp(3) with time zone not null,
  PRIMARY KEY (key),
  CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  CHECK ((request ~ '^[0-9a-f]{64}$'::text))
);
CREATE INDEX idempotency_until ON public.idempotency USING btree (until);

create table identity (
  source text not null,
  identity text not null,
  ticket_id uuid not null,
  digest text not null,
  version json,
  until timestamp(3) with time zone not null,
  PRIMARY KEY (source, identity)
);

create table migration (
  number integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp(3) with time zone not null,
  PRIMARY KEY (number),
  CHECK ((checksum ~ '^[0-9a-f]{64}$'::text)),
  CHECK ((number >= 1))
);

create table outcome (
  ticket_id uuid not null,
  handoff_seq integer not null,
  state text not null,
  compared json not null,
  evidence text,
  decided_at timestamp(3) with time zone not null,
  decided_by text not null,
  PRIMARY KEY (ticket_id, handoff_seq),
  FOREIGN KEY (ticket_id, handoff_seq) REFERENCES handoff(ticket_id, seq),
  CHECK (((state <> 'confirmed_by_person'::text) OR (evidence IS NOT NULL))),
  CHECK ((state = ANY (ARRAY['confirmed'::text, 'contradicted'::text, 'unconfirmed'::text, 'confirmed_by_person'::text])))
);
CREATE INDEX outcome_confirmed ON public.outcome USING btree (decided_at, ticket_id, handoff_seq) WHERE (state = 'confirmed'::text);
CREATE INDEX outcome_contradicted ON public.outcome USING btree (decided_at) WHERE (state = 'contradicted'::text);
CREATE TRIGGER outcome_terminal BEFORE UPDATE ON public.outcome FOR EACH ROW WHEN ((old.state = ANY (ARRAY['confirmed'::text, 'confirmed_by_person'::text]))) EXECUTE FUNCTION refuse_change_of_settled();

create table passkey (
  id text not null,
  person text not null,
  name text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  created_at timestamp(3) with time zone not null,
  used_at timestamp(3) with time zone,
  PRIMARY KEY (id),
  FOREIGN KEY (person) REFERENCES account(person),
  CHECK (((length(name) >= 1) AND (length(name) <= 100))),
  CHECK ((length(id) <= 1400))
);
CREATE INDEX passkey_person ON public.passkey USING btree (person);

create table payload (
  ticket_id uuid not null,
  revision integer not null,
  content_type text not null,
  headers text not null,
  body bytea,
  salt bytea not null,
  digest bytea not null,
  erased_at timestamp(3) with time zone,
  PRIMARY KEY (ticket_id, revision),
  CHECK (((body IS NULL) = (erased_at IS NOT NULL))),
  CHECK ((length(digest) = 32)),
  CHECK ((length(salt) = 16)),
  CHECK ((revision >= 1))
);

create table payload_shape (
  source text not null,
  kind text not null,
  older json,
  younger json,
  recent json,
  updated_at timestamp(3) with time zone not null,
  PRIMARY KEY (source, kind),
  CHECK ((length(kind) <= 100))
);

create table poll (
  source text not null,
  cursor json not null,
  round json,
  run integer default 0 not null,
  due_at timestamp(3) with time zone not null,
  lease_until timestamp(3) with time zone,
  last_success_at timestamp(3) with time zone,
  failures integer default 0 not null,
  error text,
  PRIMARY KEY (source),
  CHECK (((failures = 0) = (error IS NULL))),
  CHECK ((failures >= 0)),
  CHECK ((run >= 0))
);

create table reading_again (
  ticket_id uuid not null,
  handoff_seq integer not null,
  destination text not null,
  step integer default 0 not null,
  due_at timestamp(3) with time zone not null,
  told text,
  PRIMARY KEY (ticket_id, handoff_seq),
  FOREIGN KEY (ticket_id, handoff_seq) REFERENCES handoff(ticket_id, seq),
  CHECK ((length(told) = 64)),
  CHECK ((step >= 0))
);
CREATE INDEX reading_again_due ON public.reading_again USING btree (destination, due_at);

create table reconciliation (
  kind text not null,
  subject text not null,
  run integer default 0 not null,
  claim integer default 0 not null,
  phase text default 'idle'::text not null,
  position json,
  window_from timestamp(3) with time zone,
  window_until timestamp(3) with time zone,
  listed integer default 0 not null,
  missing integer default 0 not null,
  back_filled integer default 0 not null,
  differing integer default 0 not null,
  waiting integer default 0 not null,
  unidentified integer default 0 not null,
  unlisted integer,
  started_at timestamp(3) with time zone,
  succeeded_at timestamp(3) with time zone,
  covered_until timestamp(3) with time zone,
  failures integer default 0 not null,
  error text,
  due_at timestamp(3) with time zone not null,
  lease_until timestamp(3) with time zone,
  PRIMARY KEY (kind, subject),
  CHECK (((((missing + differing) + waiting) <= listed) OR (kind = 'target'::text))),
  CHECK (((back_filled >= 0) AND (back_filled <= missing))),
  CHECK (((failures = 0) = (error IS NULL))),
  CHECK (((length(subject) >= 1) AND (length(subject) <= 63))),
  CHECK (((phase = 'idle'::text) OR (started_at IS NOT NULL))),
  CHECK (((window_from IS NULL) = (window_until IS NULL))),
  CHECK ((claim >= 0)),
  CHECK ((differing >= 0)),
  CHECK ((failures >= 0)),
  CHECK ((kind = ANY (ARRAY['list'::text, 'file'::text, 'target'::text]))),
  CHECK ((listed >= 0)),
  CHECK ((missing >= 0)),
  CHECK ((phase = ANY (ARRAY['idle'::text, 'reading'::text, 'taking'::text]))),
  CHECK ((run >= 0)),
  CHECK ((unidentified >= 0)),
  CHECK ((unlisted >= 0)),
  CHECK ((waiting >= 0)),
  CHECK ((window_from <= window_until))
);

create table reconciliation_listed (
  kind text not null,
  subject text not null,
  identity text not null,
  run integer not null,
  verdict text not null,
  digest text not null,
  made_at timestamp(3) with time zone,
  since timestamp(3) with time zone not null,
  body bytea,
  part integer,
  ticket_id uuid,
  became text,
  PRIMARY KEY (kind, subject, identity),
  FOREIGN KEY (kind, subject) REFERENCES reconciliation(kind, subject),
  CHECK (((became IS DISTINCT FROM 'made'::text) OR (ticket_id IS NOT NULL))),
  CHECK (((became IS NULL) OR (body IS NULL))),
  CHECK (((length(identity) >= 1) AND (length(identity) <= 600))),
  CHECK (((verdict <> 'held'::text) OR (body IS NULL))),
  CHECK ((became = ANY (ARRAY['made'::text, 'revised'::text, 'joined'::text, 'told'::text]))),
  CHECK ((length(digest) = 64)),
  CHECK ((part >= 0)),
  CHECK ((verdict = ANY (ARRAY['held'::text, 'missing'::text, 'differs'::text])))
);
CREATE INDEX reconciliation_open ON public.reconciliation_listed USING btree (kind, subject, identity) WHERE ((verdict <> 'held'::text) AND (became IS NULL));

create table shape_reader (
  one_row boolean default true not null,
  position uuid not null,
  due_at timestamp(3) with time zone not null,
  PRIMARY KEY (one_row),
  CHECK (one_row)
);

create table sign_in_session (
  id bigint not null,
  digest bytea not null,
  person text not null,
  proof text not null,
  address text not null,
  agent text not null,
  created_at timestamp(3) with time zone not null,
  seen_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  PRIMARY KEY (id),
  UNIQUE (digest),
  FOREIGN KEY (person) REFERENCES account(person),
  CHECK ((length(agent) <= 300)),
  CHECK ((length(digest) = 32))
);
CREATE INDEX sign_in_session_expires ON public.sign_in_session USING btree (expires_at);
CREATE INDEX sign_in_session_person ON public.sign_in_session USING btree (person);

create table sign_in_token (
  digest bytea not null,
  kind text not null,
  person text,
  data json not null,
  tries integer default 0 not null,
  created_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  used_at timestamp(3) with time zone,
  PRIMARY KEY (digest),
  CHECK ((kind = ANY (ARRAY['link'::text, 'second_step'::text, 'passkey'::text, 'oidc'::text]))),
  CHECK ((length(digest) = 32))
);
CREATE INDEX sign_in_token_expires ON public.sign_in_token USING btree (expires_at);

create table sweep (
  name text not null,
  ran_at timestamp(3) with time zone not null,
  succeeded_at timestamp(3) with time zone,
  error text,
  PRIMARY KEY (name)
);

create table ticket (
  id uuid not null,
  source text not null,
  delivery_id uuid,
  part integer,
  workflow text not null,
  workflow_version text not null,
  identity text not null,
  digest text not null,
  state text not null,
  owner text not null,
  alternate text not null,
  fields json not null,
  route text,
  confidence double precision,
  revision integer not null,
  joined integer default 0 not null,
  received_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  settled_at timestamp(3) with time zone,
  head_seq integer not null,
  head_hash bytea not null,
  PRIMARY KEY (id),
  FOREIGN KEY (delivery_id) REFERENCES delivery(id),
  CHECK (((alternate ~~ 'person:_%'::text) OR (alternate ~~ 'team:_%'::text))),
  CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
  CHECK (((delivery_id IS NULL) = (part IS NULL))),
  CHECK (((length(identity) >= 1) AND (length(identity) <= 600))),
  CHECK (((owner ~~ 'person:_%'::text) OR (owner ~~ 'team:_%'::text))),
  CHECK (((state = ANY (ARRAY['done'::text, 'discarded'::text, 'rejected'::text])) = (settled_at IS NOT NULL))),
  CHECK ((head_seq >= 1)),
  CHECK ((length(digest) = 64)),
  CHECK ((length(head_hash) = 32)),
  CHECK ((owner <> alternate)),
  CHECK ((part >= 0)),
  CHECK ((revision >= 1)),
  CHECK ((state = ANY (ARRAY['handoff'::text, 'triage'::text, 'exception'::text, 'done'::text, 'discarded'::text, 'rejected'::text])))
);
CREATE INDEX ticket_delivery ON public.ticket USING btree (delivery_id) WHERE (delivery_id IS NOT NULL);
CREATE INDEX ticket_identity ON public.ticket USING btree (identity);
CREATE INDEX ticket_open ON public.ticket USING btree (state, id) WHERE (settled_at IS NULL);
CREATE TRIGGER ticket_no_truncate BEFORE TRUNCATE ON public.ticket FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal(); -- always
CREATE TRIGGER ticket_stays BEFORE DELETE ON public.ticket FOR EACH ROW EXECUTE FUNCTION refuse_removal(); -- always
CREATE TRIGGER ticket_terminal BEFORE UPDATE ON public.ticket FOR EACH ROW WHEN (((old.settled_at IS NOT NULL) AND ((new.state IS DISTINCT FROM old.state) OR (new.settled_at IS DISTINCT FROM old.settled_at)))) EXECUTE FUNCTION refuse_change_of_settled();

create table workflow_version (
  version text not null,
  workflow text not null,
  bundle text not null,
  deployed_at timestamp(3) with time zone not null,
  deployed_by text not null,
  active boolean not null,
  PRIMARY KEY (version),
  CHECK ((version ~ '^[0-9a-f]{64}$'::text))
);
CREATE TRIGGER workflow_version_no_truncate BEFORE TRUNCATE ON public.workflow_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal(); -- always
CREATE TRIGGER workflow_version_stays BEFORE DELETE ON public.workflow_version FOR EACH ROW EXECUTE FUNCTION refuse_removal(); -- always
CREATE UNIQUE INDEX workflow_version_active ON public.workflow_version USING btree (workflow) WHERE active;
