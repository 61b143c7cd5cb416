-- Handoffs are found by their own rows; the queue that named them a second time is not needed. It held no work of its own.
drop schema if exists pgboss cascade;
