import { Button, Checkbox, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { useMayWorkOn, useMe } from '../../api/me.ts';
import { Problem } from '../../api/problem.ts';
import type { Handoff, Story } from '../../api/shapes.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Countdown, Moment } from '../../parts/Moment.tsx';
import { notify } from '../../parts/Notices.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { PayloadView } from '../../payload/PayloadView.tsx';
import { type Shortcut, useShortcuts } from '../../shell/keys.ts';
import { texts } from '../../texts/approvals.ts';
import { Entries } from '../tickets/Entries.tsx';
import classes from './Approvals.module.css';
import { Fact, Head } from './Head.tsx';
import { RequestView } from './RequestView.tsx';
import { requestOf } from './waiting.ts';

type Confirmation = NonNullable<Handoff['confirmation']>;

interface OutcomeDetailProps {
  readonly story: Story;
  readonly handoff: Handoff;
  readonly confirmation: Confirmation;
  readonly back: () => void;
}

/** A handoff that only a person can see to be done: what was sent, what to look at, and their word with its evidence. */
export function OutcomeDetail({ story, handoff, confirmation, back }: OutcomeDetailProps) {
  const me = useMe();
  const may = useMayWorkOn(story);
  const asked = me.answersAs.includes(confirmation.by);
  const waits = confirmation.state === 'waiting';
  const request = requestOf(handoff);
  const history = story.entries.filter(({ data }) => data.handoff_seq === handoff.seq);
  return (
    <article className={classes.article}>
      <Head story={story} handoff={handoff} state={confirmation.state} back={back}>
        {waits && !(may && asked) && (
          <p className={classes.hint}>{may ? texts.mayNot.others(confirmation.by) : texts.mayNot.work}</p>
        )}
      </Head>
      <dl className={classes.facts}>
        {waits ? (
          <Fact name={texts.facts.within}>
            <Countdown until={confirmation.due_at} from={confirmation.asked_at} />
          </Fact>
        ) : (
          <>
            {confirmation.decided_by !== null && (
              <Fact name={texts.facts.by}>
                <Ref of={confirmation.decided_by} />
              </Fact>
            )}
            {confirmation.decided_at !== null && (
              <Fact name={texts.facts.decided}>
                <Moment at={confirmation.decided_at} />
              </Fact>
            )}
          </>
        )}
        <Fact name={texts.facts.on}>
          <Ref of={confirmation.by} />
        </Fact>
        <Fact name={texts.facts.asked}>
          <Moment at={confirmation.asked_at} />
        </Fact>
        {confirmation.evidence !== null && (
          <Fact name={texts.facts.evidence}>
            <Foreign text={confirmation.evidence} chars={600} />
          </Fact>
        )}
      </dl>
      {waits && may && asked && (
        <Word
          at={{ ticketId: story.ticket.id, handoffSeq: handoff.seq }}
          checklist={confirmation.checklist}
        />
      )}
      {request !== null && (
        <RequestView title={texts.request.sent} request={request} destination={handoff.destination} />
      )}
      {handoff.response !== null && (
        <section className={classes.section} aria-labelledby="answered">
          <h3 id="answered">{texts.request.answered}</h3>
          <div className={classes.pane}>
            <PayloadView value={handoff.response} complaints={none} />
          </div>
        </section>
      )}
      <section className={classes.section} aria-labelledby="history">
        <h3 id="history">{texts.history}</h3>
        <Entries entries={history} />
      </section>
    </article>
  );
}

const none: readonly [] = [];

interface WordProps {
  readonly at: { readonly ticketId: string; readonly handoffSeq: number };
  readonly checklist: readonly string[];
}

function Word({ at, checklist }: WordProps) {
  const [checked, setChecked] = useState<ReadonlySet<number>>(new Set());
  const [evidence, setEvidence] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const field = useRef<HTMLTextAreaElement>(null);
  const { mutate, isPending, error } = useMutation({
    mutationFn: (confirm: boolean) =>
      answerOf(
        api.POST('/api/outcomes/{ticketId}/{handoffSeq}', {
          params: { path: at },
          body: { confirm, evidence: evidence.trim(), checked: [...checked] },
        }),
      ),
    onSuccess: (_, confirm) => notify(confirm ? texts.acts.confirmed : texts.acts.denied),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ['ticket', at.ticketId] });
      await client.invalidateQueries({ queryKey: ['outcomes'] });
    },
  });
  const shortcuts = useMemo<Shortcut[]>(() => {
    const { group } = texts;
    const toField = () => field.current?.focus();
    const toTicket = () => void navigate({ to: '/tickets/$id', params: { id: at.ticketId } });
    return [
      { keys: 'a', what: texts.keys.yes, group, run: toField },
      { keys: 'x', what: texts.keys.no, group, run: toField },
      { keys: 'o', what: texts.keys.story, group, run: toTicket },
    ];
  }, [navigate, at.ticketId]);
  useShortcuts(shortcuts);

  const left = checklist.length - checked.size;
  const said = evidence.trim() !== '' && !isPending;
  return (
    <section className={classes.section} aria-labelledby="word">
      <h3 id="word">{texts.outcome.title}</h3>
      {checklist.map((point, index) => (
        <Checkbox
          // biome-ignore lint/suspicious/noArrayIndexKey: the place of a point is what names it
          key={index}
          label={point}
          checked={checked.has(index + 1)}
          onChange={({ currentTarget }) => {
            const next = new Set(checked);
            if (currentTarget.checked) next.add(index + 1);
            else next.delete(index + 1);
            setChecked(next);
          }}
        />
      ))}
      <Textarea
        ref={field}
        label={texts.outcome.evidence}
        description={texts.outcome.evidenceHint}
        required
        autosize
        minRows={2}
        maxLength={4_000}
        value={evidence}
        onChange={({ currentTarget }) => setEvidence(currentTarget.value)}
      />
      {error !== null && (
        <>
          {error instanceof Problem && error.status === 409 && <strong>{texts.raced.title}</strong>}
          <Failure error={error} />
        </>
      )}
      <div className={classes.acts}>
        <Button disabled={!said || left > 0} onClick={() => mutate(true)}>
          {texts.acts.confirm}
        </Button>
        <Button variant="default" disabled={!said} onClick={() => mutate(false)}>
          {texts.acts.deny}
        </Button>
        {left > 0 && <span className={classes.hint}>{texts.outcome.left(left)}</span>}
      </div>
    </section>
  );
}
