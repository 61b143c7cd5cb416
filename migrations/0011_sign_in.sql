-- Who may do what. People stand in signalbox.yaml; an account is what one of them signs in with.
-- Passwords, tokens, codes and keys are here as digests alone.
create table account (
  person text primary key check (length(person) between 1 and 200),
  roles text[] not null check (
    cardinality(roles) between 1 and 5
    and roles <@ array['viewer', 'operator', 'owner', 'approver', 'administrator']::text[]),
  -- scrypt, with its parameters and salt
  password text,
  -- Sealed with the server's secret; it counts once a code of it has been shown.
  totp_secret bytea,
  totp_confirmed_at timestamptz(3),
  -- The time step of the last code that was taken: each is good once.
  totp_step bigint not null default 0,
  -- The subject at the provider of single sign-on.
  oidc_subject text unique,
  created_at timestamptz(3) not null,
  -- Closed: nothing signs in with it, and what was signed in is out.
  closed_at timestamptz(3),
  check (totp_secret is not null or totp_confirmed_at is null)
);

create table sign_in_session (
  id bigint generated always as identity primary key,
  digest bytea not null unique check (length(digest) = 32),
  person text not null references account (person),
  -- How it was proved: link, password, password+totp, password+backup_code, passkey, oidc
  proof text not null,
  address text not null,
  agent text not null check (length(agent) <= 300),
  created_at timestamptz(3) not null,
  seen_at timestamptz(3) not null,
  expires_at timestamptz(3) not null
);
create index sign_in_session_person on sign_in_session (person);
create index sign_in_session_expires on sign_in_session (expires_at);

-- What is good once: links and invitations, and what is under way between two steps of a sign-in.
create table sign_in_token (
  digest bytea primary key check (length(digest) = 32),
  kind text not null check (kind in ('link', 'second_step', 'passkey', 'oidc')),
  -- Null: it is not known yet whose.
  person text,
  data json not null,
  tries integer not null default 0,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  used_at timestamptz(3)
);
create index sign_in_token_expires on sign_in_token (expires_at);

create table passkey (
  id text primary key check (length(id) <= 1400),
  person text not null references account (person),
  name text not null check (length(name) between 1 and 100),
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  created_at timestamptz(3) not null,
  used_at timestamptz(3)
);
create index passkey_person on passkey (person);

create table backup_code (
  person text not null references account (person),
  digest bytea not null check (length(digest) = 32),
  primary key (person, digest)
);

create table api_key (
  id bigint generated always as identity primary key,
  digest bytea not null unique check (length(digest) = 32),
  -- Its first characters, by which people know it.
  hint text not null,
  person text not null references account (person),
  name text not null check (length(name) between 1 and 100),
  scopes text[] not null check (cardinality(scopes) >= 1),
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null check (expires_at > created_at),
  used_at timestamptz(3),
  revoked_at timestamptz(3)
);
create index api_key_person on api_key (person);

-- Acts on accounts; those on tickets are entries.
create table account_act (
  id bigint generated always as identity primary key,
  at timestamptz(3) not null,
  actor text not null check (actor <> ''),
  -- Whose account it is about; null: nobody's in particular.
  person text,
  act text not null,
  detail json not null
);
create function refuse_change_of_account_act() returns trigger language plpgsql as $$
begin
  raise exception 'acts on accounts are append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger account_act_append_only before update or delete on account_act
  for each row execute function refuse_change_of_account_act();
create trigger account_act_no_truncate before truncate on account_act
  for each statement execute function refuse_change_of_account_act();
alter table account_act enable always trigger account_act_append_only;
alter table account_act enable always trigger account_act_no_truncate;

-- What has changed, for those who watch: ids and states of the last minutes, written after the commits that they tell of.
create table change (
  id bigint generated always as identity primary key,
  at timestamptz(3) not null,
  changes json not null
);
create index change_at on change (at);
