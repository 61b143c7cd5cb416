import type { ReactNode } from 'react';
import type { Exception, Ticket } from '../../api/shapes.ts';
import { Countdown, Moment } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { State } from '../../parts/State.tsx';
import { texts } from '../../texts/exceptions.ts';
import classes from './Detail.module.css';

/** Who has it, and until when. */
export function Facts({ exception, ticket }: { readonly exception: Exception; readonly ticket: Ticket }) {
  const { state, lapses_at, resolve_by, opened_at, claimed_at, level, escalate } = exception;
  return (
    <dl className={classes.facts}>
      {state === 'resolved' ? (
        <>
          <Fact name={texts.facts.resolution}>
            <State state={exception.resolution ?? state} mood="good" />
          </Fact>
          <Fact name={texts.facts.resolvedBy}>
            <Ref of={exception.resolved_by ?? ''} />
          </Fact>
          <Fact name={texts.cause.label}>{exception.root_cause}</Fact>
          {exception.resolved_at !== null && (
            <Fact name={texts.facts.resolved}>
              <Moment at={exception.resolved_at} />
            </Fact>
          )}
        </>
      ) : (
        <>
          {lapses_at !== null && (
            <Fact name={state === 'open' ? texts.facts.claimBy : texts.facts.lapses}>
              <Countdown until={lapses_at} from={claimed_at ?? opened_at} />
            </Fact>
          )}
          <Fact name={exception.sla_missed_at === null ? texts.facts.resolveBy : texts.facts.missed}>
            <Countdown until={resolve_by} from={opened_at} />
          </Fact>
          <Fact name={exception.claimed_by === null ? texts.facts.on : texts.facts.claimedBy}>
            <Ref of={exception.claimed_by ?? exception.responsible} />
          </Fact>
          <Fact name={level === 0 ? texts.facts.alternate : texts.facts.escalated(level)}>
            <Ref of={level === 0 ? exception.alternate : (escalate[level - 1] ?? exception.responsible)} />
          </Fact>
        </>
      )}
      <Fact name={texts.facts.opened}>
        <Moment at={opened_at} />
      </Fact>
      <Fact name={texts.facts.workflow}>{ticket.workflow}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
