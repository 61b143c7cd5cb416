create table lead_identity (
  source text not null,
  identity text not null,
  ticket_id uuid not null,
  primary key (source, identity)
);
create table lead_ticket (
  id uuid primary key,
  source text not null,
  identity text not null,
  state text not null,
  owner text not null,
  route text not null,
  fields jsonb not null,
  received_at timestamptz not null
);
create index on lead_ticket (state, received_at);
create table lead_payload (
  ticket_id uuid primary key references lead_ticket (id),
  content_type text not null,
  body bytea not null
);
create table lead_audit (
  id bigint generated always as identity primary key,
  ticket_id uuid not null references lead_ticket (id),
  at timestamptz not null,
  kind text not null,
  data jsonb not null
);
create index on lead_audit (ticket_id);
