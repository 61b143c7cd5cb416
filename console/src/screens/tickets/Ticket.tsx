import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { explanationOf, storyOf } from '../../api/queries.ts';
import type { Story } from '../../api/shapes.ts';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Absolute, Clock, Countdown, Moment } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/tickets.ts';
import { entryColumns } from './columns.ts';
import { HandOver } from './HandOver.tsx';
import { Ladder } from './Ladder.tsx';
import { ownersOf } from './ladder.ts';
import { Record } from './Record.tsx';
import classes from './Tickets.module.css';

/** One ticket's whole story. */
export function Ticket() {
  const { id } = useParams({ from: '/frame/tickets/$id' });
  useFresh([]);
  const story = useQuery(storyOf(id));
  if (story.isPending) return <Waiting rows={8} />;
  if (story.data === undefined) {
    return (
      <div className={classes.page}>
        <Failure error={story.error} retry={() => void story.refetch()} />
      </div>
    );
  }
  return <Told story={story.data} />;
}

function Told({ story }: { readonly story: Story }) {
  const { ticket, entries, exceptions } = story;
  const explanation = useQuery(explanationOf(ticket.id));
  return (
    <article className={classes.page}>
      <header className={classes.head}>
        <Link to="/tickets" className={classes.crumb}>
          <Icon name="back" /> {texts.title}
        </Link>
        <div className={classes.titleRow}>
          <h1>
            <Foreign text={ticket.identity} chars={200} />
          </h1>
          <State state={ticket.state} />
          <span className={classes.space} />
          <HandOver story={story} />
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Icon name="print" />}
            onClick={() => window.print()}
          >
            {texts.print}
          </Button>
          <ExportButton name={`ticket-${ticket.id}`} columns={entryColumns} rows={async () => entries} />
        </div>
        <p className={classes.dim}>
          {ticket.workflow} · {ticket.source} · <Moment at={ticket.received_at} /> (
          <Absolute at={ticket.received_at} />) · <code>{ticket.id}</code>
        </p>
      </header>
      {story.waits_for.length > 0 && (
        <section className={classes.waits} aria-label={texts.waits}>
          {story.waits_for.map(({ what, whom, until }) => (
            <p key={what}>
              <Icon name="clock" /> {texts.waitsFor} <Foreign text={what} chars={200} />
              {whom !== null && (
                <>
                  {' · '}
                  <Ref of={whom} />
                </>
              )}
              {until !== null && (
                <>
                  {' · '}
                  <Countdown until={until} from={ticket.updated_at} />
                </>
              )}
            </p>
          ))}
          {exceptions
            .filter(({ state }) => state !== 'resolved')
            .map(({ seq }) => (
              <Link
                key={seq}
                to="/exceptions/$ticketId/$seq"
                params={{ ticketId: ticket.id, seq: String(seq) }}
              >
                {texts.toException}
              </Link>
            ))}
        </section>
      )}
      <div className={classes.columns}>
        <section aria-labelledby="ladder">
          <h2 id="ladder">{texts.ladder}</h2>
          <Ladder story={story} explanation={explanation.data} />
        </section>
        <section aria-labelledby="owners">
          <h2 id="owners">{texts.owners}</h2>
          <ol className={classes.owners}>
            {ownersOf(story).map(({ at, who, why }) => (
              <li key={`${at} ${who} ${why}`}>
                <Clock at={at} />
                <Ref of={who} />
                <span className={classes.dim}>{why.replaceAll('_', ' ')}</span>
              </li>
            ))}
          </ol>
          <Record story={story} />
        </section>
      </div>
    </article>
  );
}
