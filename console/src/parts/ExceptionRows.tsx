import { Link } from '@tanstack/react-router';
import type { QueuedException } from '../api/shapes.ts';
import { Foreign } from './Foreign.tsx';
import { Countdown } from './Moment.tsx';
import classes from './rows.module.css';

/** Exceptions in a line or two each, with the way to them. */
export function ExceptionRows({ rows }: { readonly rows: readonly QueuedException[] }) {
  return (
    <ul className={classes.rows}>
      {rows.map((row) => (
        <li key={`${row.ticket_id}/${row.seq}`}>
          <Link
            to="/exceptions/$ticketId/$seq"
            params={{ ticketId: row.ticket_id, seq: String(row.seq) }}
            className={classes.row}
          >
            <span className={classes.name}>
              <Foreign text={row.summary} chars={120} plain />
            </span>
            {row.due_at !== null && <Countdown until={row.due_at} from={row.opened_at} />}
            <span className={classes.about}>
              {row.mode.replaceAll('_', ' ')} · {row.workflow}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
