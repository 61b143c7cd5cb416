import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Moment } from '../../parts/Moment.tsx';
import { More } from '../../parts/More.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/approvals.ts';
import classes from './Approvals.module.css';
import { placeOf } from './place.ts';
import type { WaitingApproval } from './waiting.ts';

/** What was decided, or ran out of time, for whoever asks for it. */
export function Decided({ chosen }: { readonly chosen: string | null }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className={classes.kind}>{texts.sections.decided}</summary>
      {open && <Pages chosen={chosen} />}
    </details>
  );
}

function Pages({ chosen }: { readonly chosen: string | null }) {
  const list = useInfiniteQuery({
    queryKey: ['approvals', 'decided'],
    queryFn: ({ pageParam: after, signal }) => {
      const query = { state: 'decided' as const, ...(after !== null && { after }) };
      return answerOf(api.GET('/api/approvals', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  if (list.isPending) return <Waiting rows={3} height={44} />;
  if (list.data === undefined) return <Failure error={list.error} retry={() => void list.refetch()} />;
  const rows = list.data.pages.flatMap(({ approvals }) => approvals);
  if (rows.length === 0) return <p className={classes.padded}>{texts.nothing.decided}</p>;
  return (
    <>
      <ul className={classes.rows}>
        {rows.map((row) => (
          <li key={`${row.ticket_id}/${row.handoff_seq}`}>
            <Item row={row} here={chosen === `approval/${row.ticket_id}/${row.handoff_seq}`} />
          </li>
        ))}
      </ul>
      <div className={classes.padded}>
        <More list={list} text={texts.more} />
      </div>
    </>
  );
}

function Item({ row, here }: { readonly row: WaitingApproval; readonly here: boolean }) {
  const place = placeOf({ kind: 'approval', ticketId: row.ticket_id, handoffSeq: row.handoff_seq });
  return (
    <Link {...place} className={classes.row} aria-current={here ? 'true' : undefined}>
      <span className={classes.name}>
        <Foreign text={row.identity} chars={80} plain />
      </span>
      <State state={row.state} />
      <span className={classes.dim}>
        {row.handoff} {texts.request.to} {row.destination}
      </span>
      <span className={classes.who}>
        {row.decided_at !== null && <Moment at={row.decided_at} />}
        {row.decided_by !== null && <Ref of={row.decided_by} />}
      </span>
    </Link>
  );
}
