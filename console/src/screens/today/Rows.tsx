import { Link } from '@tanstack/react-router';
import type { AnswerOf } from '../../api/client.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import { Countdown } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import classes from '../../parts/rows.module.css';
import { placeOf } from '../approvals/place.ts';

type Mine = AnswerOf<'getToday'>['mine'];

/** What waits for a yes, or for a word. */
export function PersonRows(props: {
  readonly kind: 'approval' | 'outcome';
  readonly rows: readonly (Mine['approvals'][number] | Mine['outcomes'][number])[];
}) {
  return (
    <ul className={classes.rows}>
      {props.rows.map((row) => (
        <li key={`${row.ticket_id}/${row.handoff_seq}`}>
          <Link
            {...placeOf({ kind: props.kind, ticketId: row.ticket_id, handoffSeq: row.handoff_seq })}
            className={classes.row}
          >
            <span className={classes.name}>
              <Foreign text={row.identity} chars={80} plain />
            </span>
            <Countdown until={row.due_at} />
            <span className={classes.about}>
              <Ref of={'responsible' in row ? row.responsible : row.by} /> {row.handoff} · {row.destination}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
