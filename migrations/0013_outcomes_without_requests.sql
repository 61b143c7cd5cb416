-- Outcomes that are told to us, by the target or by a person: nothing is asked of the destination for them, so that they are
-- found whatever it has room for. Few rows at a time; neither claims nor proofs of what is read back are ever in it.
create index handoff_told on handoff (due_at)
  where state = 'confirming' and plan -> 'outcome' ->> 'kind' in ('callback', 'confirm');

-- Resolved exceptions are listed the latest first.
create index exception_resolved on exception (resolved_at desc, ticket_id desc, seq desc) where state = 'resolved';
