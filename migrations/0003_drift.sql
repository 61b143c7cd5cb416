-- What the payloads of each source look like, and where that has changed though they still satisfy their contract.
-- Shapes hold names, types, formats and counts; no values of a payload but the label of its kind.

-- How far tickets have been read. One row: whoever locks it reads.
create table shape_reader (
  one_row boolean primary key default true check (one_row),
  position uuid not null,
  due_at timestamptz(3) not null
);
insert into shape_reader (position, due_at) values ('00000000-0000-0000-0000-000000000000', '-infinity');

create table payload_shape (
  source text not null,
  -- The label by which a source tells kinds of payloads apart (`type`, `event`); empty: all others.
  kind text not null check (length(kind) <= 100),
  -- Two generations of what is usual, and the window that is held against them.
  older json,
  younger json,
  recent json,
  updated_at timestamptz(3) not null,
  primary key (source, kind)
);

create table drift (
  id bigint generated always as identity primary key,
  source text not null,
  kind text not null,
  path text not null check (length(path) between 1 and 1000),
  change text not null check (change in ('appeared', 'vanished', 'type', 'format')),
  -- The type or format, where it is about one; otherwise empty.
  what text not null,
  before_seen integer not null,
  before_of integer not null check (before_seen between 0 and before_of),
  now_seen integer not null,
  now_of integer not null check (now_seen between 0 and now_of),
  -- Whether the contract spoke of it when it was found.
  described boolean not null,
  opened_at timestamptz(3) not null,
  acknowledged_at timestamptz(3),
  acknowledged_by text,
  reason text check (length(reason) between 1 and 4000),
  closed_at timestamptz(3),
  closed_because text check (closed_because in ('over', 'in_contract')),
  check ((acknowledged_at is null) = (acknowledged_by is null)),
  check ((acknowledged_at is null) = (reason is null)),
  check ((closed_at is null) = (closed_because is null))
);
create unique index drift_one_open on drift (source, kind, path, change, what) where closed_at is null;
create trigger drift_terminal before update on drift for each row
  when (old.closed_at is not null)
  execute function refuse_change_of_settled();
