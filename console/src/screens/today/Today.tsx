import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answerOf, api } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import type { QueuedException } from '../../api/shapes.ts';
import { useNow } from '../../parts/clock.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Countdown, Moment } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/today.ts';
import classes from './Today.module.css';

const rowsShown = 6;

/** What needs a person now, what is late, and what was settled last. */
export function Today() {
  const me = useMe();
  useFresh(['today']);
  const open = useQuery({
    queryKey: ['today', 'exceptions'],
    queryFn: () => answerOf(api.GET('/api/exceptions', { params: { query: { limit: 200 } } })),
  });
  const approvals = useQuery({
    queryKey: ['today', 'approvals'],
    queryFn: () => answerOf(api.GET('/api/approvals')),
  });
  const tickets = useQuery({
    queryKey: ['today', 'tickets'],
    queryFn: () => answerOf(api.GET('/api/tickets', { params: { query: { limit: 8 } } })),
  });
  const now = useNow();
  if (open.isPending) return <Waiting rows={8} />;
  if (open.data === undefined) {
    return (
      <div className={classes.page}>
        <Failure error={open.error} retry={() => void open.refetch()} />
      </div>
    );
  }
  const rows = open.data.exceptions;
  const mine = rows.filter(({ claimed_by }) => claimed_by === me.actor);
  const onMe = rows.filter(
    ({ claimed_by, responsible }) => claimed_by === null && me.answersAs.includes(responsible),
  );
  const late = rows.filter(({ due_at, sla_missed_at }) => {
    return sla_missed_at !== null || (due_at !== null && Date.parse(due_at) < now);
  });
  const more = open.data.next === null ? '' : '+';
  return (
    <div className={classes.page}>
      <h1>{me.name === '' ? texts.title : texts.titleOf(me.name.split(' ')[0] ?? '')}</h1>
      <dl className={classes.figures}>
        <Figure name={texts.onYou} value={`${onMe.length + mine.length}`} />
        <Figure name={texts.late} value={`${late.length}`} bad={late.length > 0} />
        <Figure name={texts.approvals} value={`${approvals.data?.approvals.length ?? '–'}`} />
        <Figure name={texts.unresolved} value={`${rows.length}${more}`} />
      </dl>
      <div className={classes.columns}>
        <Exceptions title={texts.yours} rows={[...mine, ...onMe]} empty={texts.nothingYours} />
        <Exceptions title={texts.urgent} rows={rows} empty={texts.nothingOpen} />
        <section>
          <h2>{texts.approvalsTitle}</h2>
          {approvals.error !== null && <Failure error={approvals.error} />}
          {approvals.data?.approvals.length === 0 && <p className={classes.dim}>{texts.noApprovals}</p>}
          <ul className={classes.rows}>
            {approvals.data?.approvals.slice(0, rowsShown).map((approval) => (
              <li key={`${approval.ticket_id}/${approval.handoff_seq}`}>
                <Link to="/tickets/$id" params={{ id: approval.ticket_id }} className={classes.row}>
                  <span className={classes.name}>
                    {approval.handoff} · {approval.destination}
                  </span>
                  <Countdown until={approval.due_at} />
                  <span className={classes.dim}>
                    <Ref of={approval.by} />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
        <section>
          <h2>{texts.latest}</h2>
          {tickets.error !== null && <Failure error={tickets.error} />}
          <ul className={classes.rows}>
            {tickets.data?.tickets.map((ticket) => (
              <li key={ticket.id}>
                <Link to="/tickets/$id" params={{ id: ticket.id }} className={classes.row}>
                  <span className={classes.name}>
                    <Foreign text={ticket.identity} chars={60} plain />
                  </span>
                  <Moment at={ticket.received_at} />
                  <span className={classes.dim}>
                    <State state={ticket.state} /> {ticket.workflow}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
          <Link to="/tickets">{texts.allTickets}</Link>
        </section>
      </div>
    </div>
  );
}

function Figure({ name, value, bad = false }: { name: string; value: string; bad?: boolean }) {
  return (
    <div data-bad={bad}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Exceptions(props: { title: string; rows: readonly QueuedException[]; empty: string }) {
  const { title, rows, empty } = props;
  return (
    <section>
      <h2>{title}</h2>
      {rows.length === 0 && <p className={classes.dim}>{empty}</p>}
      <ul className={classes.rows}>
        {rows.slice(0, rowsShown).map((row) => (
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
              <span className={classes.dim}>
                {row.mode.replaceAll('_', ' ')} · {row.workflow}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {rows.length > rowsShown && <Link to="/exceptions">{texts.all(rows.length)}</Link>}
    </section>
  );
}
