import { NativeSelect, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { readAllPages } from '../../api/pages.ts';
import { workflows } from '../../api/queries.ts';
import type { Ticket } from '../../api/shapes.ts';
import { Empty } from '../../parts/Empty.tsx';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Listed } from '../../parts/Listed.tsx';
import listClasses from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { More } from '../../parts/More.tsx';
import { Narrowed } from '../../parts/Narrowed.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { State } from '../../parts/State.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/tickets.ts';
import { ticketColumns } from './columns.ts';
import { searchOf, type TicketSearch, ticketStates } from './search.ts';
import classes from './Tickets.module.css';

async function readTickets(search: TicketSearch, after: string | null, limit = 100) {
  const { q, ...filter } = search;
  const query = {
    ...filter,
    ...found(q),
    limit,
    ...(after !== null && { after }),
  };
  return await answerOf(api.GET('/api/tickets', { params: { query } }));
}

/** `email=a@b.example` is one field; anything else is looked for in the identity and in all fields. */
function found(q: string | undefined): { field?: string; text?: string } {
  if (q === undefined) return {};
  return /^[\w.]+=/.test(q) ? { field: q } : { text: q };
}

async function readAll(search: TicketSearch): Promise<Ticket[]> {
  return await readAllPages(async (after) => {
    const { tickets, next } = await readTickets(search, after, 500);
    return { rows: tickets, next };
  });
}

/** What has come in, newest first, and what became of it. */
export function Tickets() {
  const search = useSearch({ from: '/frame/tickets' });
  useFresh(['tickets']);
  const list = useInfiniteQuery({
    queryKey: ['tickets', search],
    queryFn: ({ pageParam }) => readTickets(search, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const rows = list.data?.pages.flatMap(({ tickets }) => tickets) ?? [];
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div className={classes.titleRow}>
          <h1>{texts.title}</h1>
          <span className={classes.space} />
          <ExportButton name="tickets" columns={ticketColumns} rows={() => readAll(search)} />
        </div>
        <Filters search={search} />
      </header>
      <Listed
        list={list}
        waiting={{ rows: 10 }}
        isEmpty={rows.length === 0}
        nothing={<Nothing filtered={Object.keys(search).length > 0} />}
      >
        <Table rows={rows} />
        <More list={list} text={texts.more} />
      </Listed>
    </div>
  );
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  return (
    <Empty title={filtered ? texts.none.title : texts.none.nothing}>
      <p>{filtered ? texts.none.text : texts.none.nothingText}</p>
    </Empty>
  );
}

function Filters({ search }: { readonly search: TicketSearch }) {
  const navigate = useNavigate();
  const known = useQuery(workflows);
  const [text, setText] = useState(search.q ?? '');
  useEffect(() => setText(search.q ?? ''), [search.q]);
  const show = (change: Readonly<Record<string, string>>) =>
    void navigate({ to: '/tickets', search: searchOf({ ...search, ...change }) });
  return (
    <search>
      <form
        className={classes.filters}
        onSubmit={(event) => {
          event.preventDefault();
          show({ q: text.trim() });
        }}
      >
        <TextInput
          size="xs"
          type="search"
          aria-label={texts.search}
          placeholder={texts.searchHint}
          value={text}
          className={classes.grow}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <NativeSelect
          size="xs"
          aria-label={texts.state}
          value={search.state ?? ''}
          onChange={({ currentTarget }) => show({ state: currentTarget.value })}
          data={[{ value: '', label: texts.anyState }, ...ticketStates]}
        />
        <NativeSelect
          size="xs"
          aria-label={texts.workflow}
          value={search.workflow ?? ''}
          onChange={({ currentTarget }) => show({ workflow: currentTarget.value })}
          data={[
            { value: '', label: texts.anyWorkflow },
            ...(known.data?.workflows.map(({ name }) => name) ?? []),
          ]}
        />
        {search.source !== undefined && (
          <Narrowed by={texts.from(search.source)} widen={() => show({ source: '' })} />
        )}
      </form>
    </search>
  );
}

function Table({ rows }: { readonly rows: readonly Ticket[] }) {
  return (
    <table className={`${listClasses.list} ${classes.list}`}>
      <thead>
        <tr>
          <th scope="col">{texts.columns.identity}</th>
          <th scope="col">{texts.columns.state}</th>
          <th scope="col">{texts.columns.workflow}</th>
          <th scope="col">{texts.columns.route}</th>
          <th scope="col" className={classes.right}>
            {texts.columns.confidence}
          </th>
          <th scope="col">{texts.columns.owner}</th>
          <th scope="col" className={classes.right}>
            {texts.columns.received}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((ticket) => (
          <tr key={ticket.id}>
            <th scope="row">
              <Link to="/tickets/$id" params={{ id: ticket.id }}>
                <Foreign text={ticket.identity} chars={80} plain />
              </Link>
            </th>
            <td>
              <State state={ticket.state} />
            </td>
            <td>{ticket.workflow}</td>
            <td>{ticket.route !== null && <Ref of={ticket.route} />}</td>
            <td className={classes.right}>{ticket.confidence?.toFixed(2)}</td>
            <td>
              <Ref of={ticket.owner} />
            </td>
            <td className={classes.right}>
              <Moment at={ticket.received_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
