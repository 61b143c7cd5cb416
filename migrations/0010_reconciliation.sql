-- What others hold, compared with what we hold: a source's own list with our tickets, and confirmed records of a target
-- with what was sent.

-- One row a comparison that is made again and again: what the run under way has come to, or the last one came to.
create table reconciliation (
  -- list: a source's list over its API. file: one that was handed in. target: confirmed records of a destination.
  kind text not null check (kind in ('list', 'file', 'target')),
  -- The source, or the destination.
  subject text not null check (length(subject) between 1 and 63),
  -- Which comparison it is; it may take several stretches, and several nodes.
  run integer not null default 0 check (run >= 0),
  -- Counts the stretches: what is written under an old number is refused.
  claim integer not null default 0 check (claim >= 0),
  phase text not null default 'idle' check (phase in ('idle', 'reading', 'taking')),
  -- Where reading goes on: the next page of a list; the last handoff of a target that was entered. JSON.
  position json,
  window_from timestamptz(3),
  window_until timestamptz(3),
  listed integer not null default 0 check (listed >= 0),
  missing integer not null default 0 check (missing >= 0),
  back_filled integer not null default 0,
  differing integer not null default 0 check (differing >= 0),
  -- Not here, and perhaps only late.
  waiting integer not null default 0 check (waiting >= 0),
  unidentified integer not null default 0 check (unidentified >= 0),
  -- Ours of that time that the list does not have; null where nobody can say.
  unlisted integer check (unlisted >= 0),
  started_at timestamptz(3),
  succeeded_at timestamptz(3),
  -- Where the window of the last one ended that was finished.
  covered_until timestamptz(3),
  failures integer not null default 0 check (failures >= 0),
  error text,
  due_at timestamptz(3) not null,
  lease_until timestamptz(3),
  primary key (kind, subject),
  check ((failures = 0) = (error is null)),
  check (back_filled between 0 and missing),
  check (missing + differing + waiting <= listed or kind = 'target'),
  check ((window_from is null) = (window_until is null)),
  check (window_from <= window_until),
  check (phase = 'idle' or started_at is not null)
);

-- What a source's list holds, as the last comparison read it. What is not here is kept until it is taken, and no longer.
create table reconciliation_listed (
  kind text not null,
  subject text not null,
  identity text not null check (length(identity) between 1 and 600),
  run integer not null,
  verdict text not null check (verdict in ('held', 'missing', 'differs')),
  digest text not null check (length(digest) = 64),
  made_at timestamptz(3),
  -- Since when it has been seen so.
  since timestamptz(3) not null,
  -- The element, and which of its triggers this is.
  body bytea,
  part integer check (part >= 0),
  -- The ticket that has the identity, or was made of it.
  ticket_id uuid,
  became text check (became in ('made', 'revised', 'joined', 'told')),
  primary key (kind, subject, identity),
  foreign key (kind, subject) references reconciliation (kind, subject),
  check (verdict <> 'held' or body is null),
  check (became is null or body is null),
  check (became is distinct from 'made' or ticket_id is not null)
);
create index reconciliation_open on reconciliation_listed (kind, subject, identity)
  where verdict <> 'held' and became is null;

-- Confirmed handoffs whose record is read again, until the last time.
create table reading_again (
  ticket_id uuid not null,
  handoff_seq integer not null,
  destination text not null,
  -- How often it has been read.
  step integer not null default 0 check (step >= 0),
  due_at timestamptz(3) not null,
  -- Digest of what was told of it last, so that the same is told once; null: nothing is wrong with it.
  told text check (length(told) = 64),
  primary key (ticket_id, handoff_seq),
  foreign key (ticket_id, handoff_seq) references handoff (ticket_id, seq)
);
create index reading_again_due on reading_again (destination, due_at);

-- Found by when they were confirmed, whatever ticket they are of.
create index outcome_confirmed on outcome (decided_at, ticket_id, handoff_seq) where state = 'confirmed';
