-- What nobody reported, found: findings are exceptions, and this says which of them stand for what is so at this moment.

-- One episode of something that a detector found. Open for as long as it is so, whatever a person has done about it
-- meanwhile: whoever opens it first wins, on any node, and it is told once.
create table finding (
  id bigint generated always as identity primary key,
  key text not null check (length(key) between 1 and 600),
  mode text not null,
  source text,
  -- The exception that tells it; a later one where it is still so long after a person settled the first.
  ticket_id uuid not null,
  exception_seq integer not null,
  opened_at timestamptz(3) not null,
  closed_at timestamptz(3),
  closed_because text check (length(closed_because) between 1 and 1000),
  foreign key (ticket_id, exception_seq) references exception (ticket_id, seq) deferrable initially deferred,
  check ((closed_at is null) = (closed_because is null))
);
create unique index finding_one_open on finding (key) where closed_at is null;
create index finding_open on finding (mode, id) where closed_at is null;
create index finding_ticket on finding (ticket_id);
create trigger finding_terminal before update on finding for each row
  when (old.closed_at is not null)
  execute function refuse_change_of_settled();

-- When each detector is due, when it last did its round, and what it has to remember from one to the next.
create table detector (
  name text primary key check (length(name) between 1 and 100),
  due_at timestamptz(3) not null,
  ran_at timestamptz(3),
  succeeded_at timestamptz(3),
  error text,
  state json
);

-- `over`: what an exception told is no longer so.
alter table exception drop constraint exception_resolution_check;
alter table exception add constraint exception_resolution_check check
  (resolution in ('replay', 'reroute', 'retry', 'confirm', 'discard', 'superseded', 'over'));

-- A ticket has one open exception of what stopped it, or of each handoff, and beside it one of each thing found about it.
drop index exception_one_open;
create unique index exception_one_open on exception (ticket_id, coalesce(handoff_seq, 0),
  (case when mode in ('silent_drop', 'source_silent', 'routing_thrash', 'ownership_lapse', 'sync_stale', 'contract_drift',
    'stuck', 'retry_storm', 'error_rate', 'unaccounted', 'worker_silent') then mode else '' end)) where state <> 'resolved';

-- How many tickets of each source came in each hour, and the last of them: what is usual, and how long it has been silent.
create table arrival (
  source text not null,
  hour timestamptz(3) not null,
  tickets integer not null check (tickets >= 1),
  last_at timestamptz(3) not null,
  primary key (source, hour)
);

-- What detection looks for by time, of rows that are few.
create index entry_moved on entry (at)
  where kind in ('replayed', 'revised', 'ownership_transferred', 'claim_lapsed');
create index outcome_contradicted on outcome (decided_at) where state = 'contradicted';
