import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ExceptionRows } from '../../parts/ExceptionRows.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Countdown } from '../../parts/Moment.tsx';
import rowClasses from '../../parts/rows.module.css';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/people.ts';
import { placeOf } from '../approvals/place.ts';
import { useWaiting } from '../approvals/useWaiting.ts';
import { keyOf, type Row } from '../approvals/waiting.ts';
import classes from './People.module.css';
import { type Answerable, openOf } from './reach.ts';

const rowsShown = 20;

/** What somebody has open. */
export function Open({ of }: { readonly of: Answerable }) {
  const { ref } = of;
  const waiting = useExceptions(ref, 'responsible', of.exceptions_open);
  const claimed = useExceptions(ref, 'claimed_by', of.exceptions_claimed);
  const { rows } = useWaiting();
  const own = rows.filter(({ on }) => on === ref);
  const error = waiting.error ?? claimed.error;
  return (
    <section className={classes.open} aria-labelledby="open">
      <h2 id="open">{texts.open.title}</h2>
      {openOf(of) === 0 && <p className={classes.dim}>{texts.open.none}</p>}
      {error !== null && <Failure error={error} />}
      <Exceptions title={texts.open.exceptions} query={waiting} count={of.exceptions_open}>
        <Link to="/exceptions" search={{ responsible: ref }}>
          {texts.open.all}
        </Link>
      </Exceptions>
      <Exceptions title={texts.open.claimed} query={claimed} count={of.exceptions_claimed} />
      <Rows title={texts.open.approvals} rows={own.filter(({ kind }) => kind === 'approval')} />
      <Rows title={texts.open.outcomes} rows={own.filter(({ kind }) => kind === 'outcome')} />
    </section>
  );
}

function useExceptions(ref: string, by: 'responsible' | 'claimed_by', count: number) {
  return useQuery({
    queryKey: ['of-person', ref, by],
    queryFn: ({ signal }) => {
      const state = by === 'responsible' ? ({ state: 'open' } as const) : {};
      const query = { [by]: ref, ...state, limit: rowsShown };
      return answerOf(api.GET('/api/exceptions', { params: { query }, signal }));
    },
    enabled: count > 0,
  });
}

function Exceptions(props: {
  readonly title: string;
  readonly query: ReturnType<typeof useExceptions>;
  readonly count: number;
  readonly children?: ReactNode;
}) {
  const { title, query, count, children } = props;
  if (count === 0) return null;
  return (
    <>
      <h3>
        {title} <span className={classes.dim}>{count}</span>
      </h3>
      {query.isPending && <Waiting rows={2} height={20} />}
      <ExceptionRows rows={query.data?.exceptions ?? []} />
      {count > rowsShown && children}
    </>
  );
}

function Rows({ title, rows }: { readonly title: string; readonly rows: readonly Row[] }) {
  if (rows.length === 0) return null;
  return (
    <>
      <h3>
        {title} <span className={classes.dim}>{rows.length}</span>
      </h3>
      <ul className={rowClasses.rows}>
        {rows.slice(0, rowsShown).map((row) => (
          <li key={keyOf(row)}>
            <Link {...placeOf(row)} className={rowClasses.row}>
              <span className={rowClasses.name}>
                <Foreign text={row.identity} chars={80} plain />
              </span>
              <Countdown until={row.dueAt} />
              <span className={rowClasses.about}>
                {row.handoff} · {row.destination}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
