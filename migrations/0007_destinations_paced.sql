-- How each destination is doing, for all nodes: whether handoffs go to it now, and why not.
create table destination (
  key text primary key,
  state text not null check (state in ('closed', 'open', 'recovering', 'paused')),
  reason text not null,
  since timestamptz(3) not null,
  -- Open: when one request may try whether it is back, and how many have tried in vain.
  probe_at timestamptz(3),
  probes integer not null default 0 check (probes >= 0),
  -- Until when it has asked to be left alone (429, Retry-After).
  held_until timestamptz(3),
  paused_by text,
  -- Counts the changes; a node that decided on an older one decides again.
  version integer not null check (version >= 1),
  check ((state = 'open') = (probe_at is not null)),
  check ((state = 'paused') = (paused_by is not null))
);

-- What was done to a destination, by whom and why.
create table destination_act (
  id bigint generated always as identity primary key,
  destination text not null,
  act text not null check (act in ('opened', 'recovering', 'closed', 'paused', 'resumed')),
  at timestamptz(3) not null,
  actor text not null,
  reason text not null check (length(reason) between 1 and 4000)
);
create index destination_act_of on destination_act (destination, id);
create function refuse_change_of_act() returns trigger language plpgsql as $$
begin
  raise exception 'acts on destinations are append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger destination_act_append_only before update or delete on destination_act for each row
  execute function refuse_change_of_act();

-- Attempts that failed because their destination was out are not counted against the handoff.
alter table handoff add column excused integer not null default 0 check (excused between 0 and attempts);

-- Work is found by its destination; what waits for a person, another handoff or a lost worker is found by its time alone.
drop index handoff_due;
create index handoff_work on handoff (destination, due_at) where state in ('ready', 'confirming');
create index handoff_due on handoff (due_at)
  where state in ('awaiting_approval', 'waiting', 'attempting');

create index attempt_started on attempt (started_at);
