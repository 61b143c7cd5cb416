-- Approvals of several people, with an alternate and a reminder; callbacks; confirmations by a person.

alter table approval
  -- What differs from one yes by whoever is asked: alternate and their time, four eyes, how many have to say yes.
  add column policy json not null default '{}',
  add column alternate_at timestamptz(3),
  add column remind_at timestamptz(3),
  add column reminded_at timestamptz(3),
  -- Who has said yes while more are needed: [{ by, at, reason }].
  add column yes json not null default '[]',
  add check (reminded_at is null or remind_at is not null);

-- A person's word as the outcome of a handoff, while it is waited for and after.
create table confirmation (
  ticket_id uuid not null,
  handoff_seq integer not null,
  state text not null check (state in ('waiting', 'confirmed', 'denied', 'overdue')),
  by text not null check (by ~ '^(person|team):.'),
  checklist json not null,
  asked_at timestamptz(3) not null,
  due_at timestamptz(3) not null,
  remind_at timestamptz(3),
  reminded_at timestamptz(3),
  decided_at timestamptz(3),
  decided_by text,
  evidence text check (length(evidence) between 1 and 4000),
  primary key (ticket_id, handoff_seq),
  foreign key (ticket_id, handoff_seq) references handoff (ticket_id, seq),
  check ((state = 'waiting') = (decided_at is null)),
  check ((decided_at is null) = (decided_by is null)),
  check (state not in ('confirmed', 'denied') or evidence is not null)
);
create index confirmation_due on confirmation (due_at) where state = 'waiting';
create trigger confirmation_terminal before update on confirmation for each row
  when (old.state <> 'waiting')
  execute function refuse_change_of_settled();

-- What targets have called back, as it came. Without a ticket: its key is one that nobody has waited for yet.
create table callback (
  id bigint generated always as identity primary key,
  ticket_id uuid,
  handoff_seq integer,
  -- The source whose proof it carried; null: it came by a link.
  source text,
  -- What it names its handoff by, one for each way of reading it that is in use: { match: key }.
  keys json not null,
  content_type text not null,
  body bytea,
  digest bytea not null check (length(digest) = 32),
  -- What it said of the handoff; null: not judged yet.
  verdict text check (verdict in ('stands', 'wrong', 'pending', 'late')),
  received_at timestamptz(3) not null,
  foreign key (ticket_id, handoff_seq) references handoff (ticket_id, seq),
  check ((ticket_id is null) = (handoff_seq is null)),
  check (verdict is null or ticket_id is not null)
);
-- The same content again is the same callback.
create unique index callback_content on callback (ticket_id, handoff_seq, digest) where ticket_id is not null;
create unique index callback_unclaimed on callback (source, digest) where ticket_id is null;
create index callback_unclaimed_since on callback (source, received_at) where ticket_id is null;

-- Which handoff a key names, for callbacks that carry the proof of a source.
create table callback_key (
  source text not null,
  match text not null,
  key text not null check (length(key) between 1 and 500),
  ticket_id uuid not null,
  handoff_seq integer not null,
  primary key (source, match, key, ticket_id, handoff_seq),
  foreign key (ticket_id, handoff_seq) references handoff (ticket_id, seq)
);

-- The ways in which callbacks of a source are read: few, whatever the number of handoffs.
create table callback_match (
  source text not null,
  match text not null,
  primary key (source, match)
);
