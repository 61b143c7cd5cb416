import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type AnswerOf, answerOf, api } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { ExceptionRows } from '../../parts/ExceptionRows.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Moment } from '../../parts/Moment.tsx';
import rowClasses from '../../parts/rows.module.css';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/today.ts';
import { searchOf } from '../tickets/search.ts';
import { PersonRows } from './Rows.tsx';
import classes from './Today.module.css';
import { useVisit } from './useVisit.ts';

const rowsShown = 6;

/** What waits for who looks, what is late, what has come since they last looked. */
export function Today() {
  const me = useMe();
  // Who it is is known before anything of this screen is drawn.
  return <Day key={me.actor} actor={me.actor} name={me.name} />;
}

function Day({ actor, name }: { readonly actor: string; readonly name: string }) {
  const since = useVisit(actor);
  useFresh(['today']);
  const today = useQuery({
    queryKey: ['today', since],
    queryFn: ({ signal }) => answerOf(api.GET('/api/today', { params: { query: { since } }, signal })),
  });
  if (today.isPending) return <Waiting rows={8} />;
  if (today.data === undefined) {
    return (
      <div className={classes.page}>
        <Failure error={today.error} retry={() => void today.refetch()} />
      </div>
    );
  }
  const { mine, waiting, late } = today.data;
  const lateCount = late.exceptions + late.approvals + late.outcomes;
  const onMe = mine.exceptions.length + mine.approvals.length + mine.outcomes.length;
  return (
    <div className={classes.page}>
      <h1>{name === '' ? texts.title : texts.titleOf(name.split(' ')[0] ?? '')}</h1>
      <dl className={classes.figures}>
        <Figure name={texts.figures.mine} value={onMe} />
        <Figure name={texts.figures.late} value={lateCount} bad={lateCount > 0} />
        <Figure name={texts.figures.approvals} value={waiting.approvals} />
        <Figure name={texts.figures.outcomes} value={waiting.outcomes} />
        <Figure name={texts.figures.unresolved} value={waiting.exceptions} />
      </dl>
      <div className={classes.columns}>
        <Mine mine={mine} />
        <div className={classes.beside}>
          <Since today={today.data} />
          <Urgent />
          <Latest />
        </div>
      </div>
    </div>
  );
}

type Answer = AnswerOf<'getToday'>;

function Mine({ mine }: Pick<Answer, 'mine'>) {
  const { exceptions, approvals, outcomes } = mine;
  if (exceptions.length + approvals.length + outcomes.length === 0) {
    return (
      <section>
        <h2>{texts.mine.exceptions}</h2>
        <p>{texts.mine.nothing}</p>
        <p className={classes.dim}>{texts.mine.nothingHint}</p>
      </section>
    );
  }
  return (
    <div className={classes.beside}>
      {approvals.length > 0 && (
        <section>
          <h2>{texts.mine.approvals}</h2>
          <PersonRows kind="approval" rows={approvals.slice(0, rowsShown)} />
          {approvals.length > rowsShown && <Link to="/approvals">{texts.allApprovals}</Link>}
        </section>
      )}
      {outcomes.length > 0 && (
        <section>
          <h2>{texts.mine.outcomes}</h2>
          <PersonRows kind="outcome" rows={outcomes.slice(0, rowsShown)} />
          {outcomes.length > rowsShown && <Link to="/approvals">{texts.allApprovals}</Link>}
        </section>
      )}
      {exceptions.length > 0 && (
        <section>
          <h2>{texts.mine.exceptions}</h2>
          <ExceptionRows rows={exceptions} />
        </section>
      )}
    </div>
  );
}

function Since({ today: { since, received } }: { readonly today: Pick<Answer, 'since' | 'received'> }) {
  const total = received.reduce((sum, { tickets }) => sum + tickets, 0);
  return (
    <section>
      <h2>
        {texts.since.title} <Moment at={since} />
      </h2>
      {total === 0 ? (
        <p className={classes.dim}>{texts.since.none}</p>
      ) : (
        <>
          <p>{texts.since.came(total)}</p>
          <ul className={classes.states}>
            {received
              .toSorted((a, b) => b.tickets - a.tickets)
              .map(({ state, tickets }) => (
                <li key={state}>
                  <Link to="/tickets" search={searchOf({ state })} className={classes.state}>
                    <strong>{tickets.toLocaleString('en')}</strong> <State state={state} />
                  </Link>
                </li>
              ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Urgent() {
  const open = useQuery({
    queryKey: ['today', 'urgent'],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/exceptions', { params: { query: { limit: rowsShown } }, signal })),
  });
  return (
    <section>
      <h2>{texts.urgent}</h2>
      {open.isPending && <Waiting rows={3} height={22} />}
      {open.error !== null && <Failure error={open.error} />}
      {open.data?.exceptions.length === 0 && <p className={classes.dim}>{texts.nothingOpen}</p>}
      <ExceptionRows rows={open.data?.exceptions ?? []} />
    </section>
  );
}

function Latest() {
  const tickets = useQuery({
    queryKey: ['today', 'tickets'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/tickets', { params: { query: { limit: 8 } }, signal })),
  });
  return (
    <section>
      <h2>{texts.latest}</h2>
      {tickets.isPending && <Waiting rows={4} height={22} />}
      {tickets.error !== null && <Failure error={tickets.error} />}
      <ul className={rowClasses.rows}>
        {tickets.data?.tickets.map((ticket) => (
          <li key={ticket.id}>
            <Link to="/tickets/$id" params={{ id: ticket.id }} className={rowClasses.row}>
              <span className={rowClasses.name}>
                <Foreign text={ticket.identity} chars={60} plain />
              </span>
              <Moment at={ticket.received_at} />
              <span className={rowClasses.about}>
                <State state={ticket.state} /> {ticket.workflow}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <Link to="/tickets">{texts.allTickets}</Link>
    </section>
  );
}

function Figure(props: { readonly name: string; readonly value: number; readonly bad?: boolean }) {
  return (
    <div data-bad={props.bad === true}>
      <dt>{props.name}</dt>
      <dd>{props.value.toLocaleString('en')}</dd>
    </div>
  );
}
