import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useMe } from '../../api/me.ts';
import type { Handoff, Story } from '../../api/shapes.ts';
import { useNow } from '../../parts/clock.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import { Countdown, Moment } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { type Shortcut, useShortcuts } from '../../shell/keys.ts';
import { texts } from '../../texts/approvals.ts';
import { Entries } from '../tickets/Entries.tsx';
import classes from './Approvals.module.css';
import { Decide } from './Decide.tsx';
import { Digest } from './Digest.tsx';
import { Fact, Head } from './Head.tsx';
import { RequestView } from './RequestView.tsx';
import { Said } from './Said.tsx';
import { type Approval, askedOf, hindranceOf, requestOf } from './waiting.ts';

interface ApprovalDetailProps {
  readonly story: Story;
  readonly handoff: Handoff;
  readonly approval: Approval;
  readonly back: () => void;
}

/** What exactly is asked, of whom, until when; and the yes or no. */
export function ApprovalDetail({ story, handoff, approval, back }: ApprovalDetailProps) {
  const me = useMe();
  const navigate = useNavigate();
  const [deciding, setDeciding] = useState<'yes' | 'no' | null>(null);
  const [raced, setRaced] = useState(false);
  const waits = approval.state === 'waiting';
  const over = useIsOver(approval);
  const hindrance = hindranceOf(approval, story.entries, { ...me, decides: me.may('decide') });
  const can = waits && !over && hindrance === null;
  const ticketId = story.ticket.id;

  const shortcuts = useMemo<Shortcut[]>(() => {
    const { group } = texts;
    const toTicket = () => void navigate({ to: '/tickets/$id', params: { id: ticketId } });
    return [
      { keys: 'o', what: texts.keys.story, group, run: toTicket },
      ...(can
        ? [
            { keys: 'a', what: texts.keys.yes, group, run: () => setDeciding('yes') },
            { keys: 'x', what: texts.keys.no, group, run: () => setDeciding('no') },
          ]
        : []),
    ];
  }, [can, navigate, ticketId]);
  useShortcuts(shortcuts);

  const request = requestOf(handoff);
  const history = story.entries.filter(({ data }) => data.handoff_seq === handoff.seq);
  return (
    <article className={classes.article}>
      <Head story={story} handoff={handoff} state={approval.state} back={back}>
        {raced && <Raced approval={approval} />}
        {can && (
          <div className={classes.acts}>
            <Button onClick={() => setDeciding('yes')}>{texts.acts.yes}</Button>
            <Button variant="default" onClick={() => setDeciding('no')}>
              {texts.acts.no}
            </Button>
          </div>
        )}
        {waits && !can && (
          <p className={classes.hint}>
            {over
              ? texts.mayNot.over
              : hindrance === 'others'
                ? texts.mayNot.others(askedOf(approval).join(' or '))
                : hindrance !== null && texts.mayNot[hindrance]}
          </p>
        )}
      </Head>
      <Facts approval={approval} />
      {(approval.needed > 1 || approval.yes.length > 0 || waits) && (
        <Said approval={approval} story={story} />
      )}
      {request !== null && (
        <RequestView
          title={texts.request.title}
          request={request}
          destination={handoff.destination}
          note={texts.request.credentials}
        />
      )}
      <Digest digest={approval.digest} request={request} />
      <section className={classes.section} aria-labelledby="history">
        <h3 id="history">{texts.history}</h3>
        <Entries entries={history} />
      </section>
      <Decide
        answer={deciding}
        close={() => setDeciding(null)}
        at={{ ticketId, handoffSeq: handoff.seq }}
        approval={approval}
        raced={() => setRaced(true)}
      />
    </article>
  );
}

/** Who is late before the alternate was asked is not too late: it only passes on. */
function useIsOver({ due_at, alternate, alternate_at }: Approval): boolean {
  const now = useNow();
  return Date.parse(due_at) <= now && (alternate === null || alternate_at !== null);
}

function Raced({ approval }: { readonly approval: Approval }) {
  return (
    <div role="alert" className={classes.raced}>
      <strong>{texts.raced.title}</strong>
      <p>
        {approval.state === 'waiting' || approval.decided_by === null
          ? texts.raced.text
          : texts.raced.decided(approval.state, approval.decided_by)}
      </p>
    </div>
  );
}

function Facts({ approval }: { readonly approval: Approval }) {
  const { state, due_at, responsible, alternate, alternate_at, needed, yes, four_eyes, reminded_at } =
    approval;
  return (
    <dl className={classes.facts}>
      {state === 'waiting' ? (
        <>
          <Fact name={texts.facts.within}>
            <Countdown until={due_at} />
          </Fact>
          <Fact name={texts.facts.on}>
            <Ref of={responsible} />
          </Fact>
          {alternate !== null && alternate_at === null && (
            <Fact name={texts.facts.alternate}>
              <Ref of={alternate} />
            </Fact>
          )}
        </>
      ) : (
        <>
          {approval.decided_by !== null && (
            <Fact name={texts.facts.by}>
              <Ref of={approval.decided_by} />
            </Fact>
          )}
          {approval.decided_at !== null && (
            <Fact name={texts.facts.decided}>
              <Moment at={approval.decided_at} />
            </Fact>
          )}
          {approval.reason !== null && (
            <Fact name={texts.facts.reason}>
              <Foreign text={approval.reason} chars={600} />
            </Fact>
          )}
        </>
      )}
      <Fact name={texts.facts.people}>
        {needed > 1 ? texts.facts.of(yes.length, needed) : texts.facts.one}
      </Fact>
      {four_eyes && <Fact name={texts.facts.fourEyes}>{texts.facts.fourEyesText}</Fact>}
      {reminded_at !== null && (
        <Fact name={texts.facts.reminded}>
          <Moment at={reminded_at} />
        </Fact>
      )}
    </dl>
  );
}
