import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { memo, useMemo, useState } from 'react';
import { useMayWorkOn, useMe } from '../../api/me.ts';
import { storyOf } from '../../api/queries.ts';
import type { Exception, Story } from '../../api/shapes.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { type Shortcut, useShortcuts } from '../../shell/keys.ts';
import { texts } from '../../texts/exceptions.ts';
import { Entries } from '../tickets/Entries.tsx';
import { Acts } from './Acts.tsx';
import { Checklist } from './Checklist.tsx';
import classes from './Detail.module.css';
import { Facts } from './Facts.tsx';
import { keyOf } from './pages.ts';
import { Repair } from './Repair.tsx';
import { type ResolutionName, Resolve } from './Resolve.tsx';
import { useActs } from './useActs.ts';
import { Wrong } from './Wrong.tsx';

interface DetailProps {
  readonly ticketId: string;
  readonly seq: number;
  readonly back: () => void;
  /** Whether what is shown is still what is selected. */
  readonly isChosen: (key: string) => boolean;
}

/** One exception: what is wrong, until when, and what can be done about it. Walking through the list does not touch it. */
export const Detail = memo(function Detail({ ticketId, seq, back, isChosen }: DetailProps) {
  const story = useQuery(storyOf(ticketId));
  if (story.isPending) return <Waiting rows={7} />;
  if (story.data === undefined) {
    return (
      <div className={classes.padded}>
        <Failure error={story.error} retry={() => void story.refetch()} />
      </div>
    );
  }
  const exception = story.data.exceptions.find((each) => each.seq === seq);
  if (exception === undefined) return <Empty title={texts.gone} />;
  return <Opened story={story.data} exception={exception} back={back} isChosen={isChosen} />;
});

interface OpenedProps extends Pick<DetailProps, 'back' | 'isChosen'> {
  readonly story: Story;
  readonly exception: Exception;
}

function Opened({ story, exception, back, isChosen }: OpenedProps) {
  const me = useMe();
  const navigate = useNavigate();
  const acts = useActs(exception);
  const [repairing, setRepairing] = useState(false);
  const [resolving, setResolving] = useState<ResolutionName | null>(null);
  const may = useMayWorkOn(story);
  const mine = may && exception.claimed_by === me.actor;
  const settled = exception.state === 'resolved';
  const { ticket } = story;

  const shortcuts = useMemo<Shortcut[]>(() => {
    const group = texts.group;
    const toTicket = () => void navigate({ to: '/tickets/$id', params: { id: exception.ticket_id } });
    const always = [{ keys: 'o', what: texts.keys.story, group, run: toTicket }];
    const chosen = (each: Shortcut) => ({ ...each, run: () => isChosen(keyOf(exception)) && each.run() });
    if (settled || !may) return always.map(chosen);
    const worked = (run: () => void) => () => {
      if (mine) run();
      else acts.claim(run);
    };
    return [
      { keys: 'c', what: texts.keys.claim, group, run: mine ? acts.release : () => acts.claim() },
      { keys: 'e', what: texts.keys.edit, group, run: worked(() => setRepairing(true)) },
      { keys: 'r', what: texts.keys.cause, group, run: () => document.getElementById('root-cause')?.focus() },
      { keys: 'x', what: texts.keys.discard, group, run: worked(() => setResolving('discard')) },
      { keys: 'n', what: texts.keys.note, group, run: () => acts.setNoting(true) },
      ...always,
    ].map(chosen);
  }, [mine, may, settled, acts, navigate, exception, isChosen]);
  useShortcuts(shortcuts);

  const history = story.entries.filter(({ data }) => data.exception === exception.seq);
  return (
    <article className={classes.article}>
      <header className={classes.head}>
        <button type="button" className={classes.back} onClick={back}>
          <Icon name="back" />
          {texts.back}
        </button>
        <div className={classes.kind}>
          <State state={exception.state} />
          <span>{exception.mode.replaceAll('_', ' ')}</span>
          <Link to="/tickets/$id" params={{ id: ticket.id }}>
            {texts.facts.ticket} <Foreign text={ticket.identity} chars={60} plain />
          </Link>
        </div>
        <h2 className={classes.summary}>
          <Foreign text={exception.summary} chars={600} />
        </h2>
        {!settled && !may && <p className={classes.hint}>{texts.acts.mayNot}</p>}
        {!settled && may && (
          <Acts
            exception={exception}
            acts={acts}
            mine={mine}
            repairing={repairing}
            repair={() => setRepairing(true)}
            resolve={setResolving}
          />
        )}
      </header>
      <Facts exception={exception} ticket={ticket} />
      {repairing && !settled ? (
        <Repair
          story={story}
          exception={exception}
          mine={mine}
          acts={acts}
          close={() => setRepairing(false)}
        />
      ) : (
        <Wrong story={story} exception={exception} />
      )}
      {exception.checklist.length > 0 && <Checklist exception={exception} acts={acts} mine={mine} />}
      <section className={classes.section} aria-labelledby="history">
        <h3 id="history">{texts.history}</h3>
        <Entries entries={history} />
      </section>
      <Resolve name={resolving} exception={exception} acts={acts} close={() => setResolving(null)} />
    </article>
  );
}
