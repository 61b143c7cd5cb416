-- Which version of a workflow was put in force when, by whom and why. workflow_version keeps what it says, and which one counts.

create table deployment (
  id bigint generated always as identity primary key,
  workflow text not null,
  -- Null: the workflow was withdrawn.
  version text references workflow_version (version),
  -- What was in force until then; null: nothing.
  replaced text references workflow_version (version),
  -- `up`: taken from the project's folder; `deploy`: sent; `rollback`: a stored version again.
  kind text not null check (kind in ('up', 'deploy', 'rollback')),
  deployed_at timestamptz(3) not null,
  deployed_by text not null check (deployed_by <> ''),
  reason text not null check (length(reason) between 1 and 4000),
  check (version is not null or kind = 'up')
);
create index deployment_workflow on deployment (workflow, id);

create function refuse_change_of_deployment() returns trigger language plpgsql as $$
begin
  raise exception 'deployments are append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger deployment_append_only before update or delete on deployment for each row
  execute function refuse_change_of_deployment();
create trigger deployment_no_truncate before truncate on deployment for each statement
  execute function refuse_change_of_deployment();
alter table deployment enable always trigger deployment_append_only;
alter table deployment enable always trigger deployment_no_truncate;

-- What was deployed before there was a history: each version once, when it was last put in force.
insert into deployment (workflow, version, kind, deployed_at, deployed_by, reason)
select workflow, version, 'up', deployed_at, deployed_by, 'deployed before reasons were kept'
from workflow_version
order by deployed_at, active, version;
