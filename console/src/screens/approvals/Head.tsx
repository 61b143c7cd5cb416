import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Handoff, Story } from '../../api/shapes.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { State } from '../../parts/State.tsx';
import { texts } from '../../texts/approvals.ts';
import classes from './Approvals.module.css';

/** What it is about. */
export function Head(props: {
  readonly story: Story;
  readonly handoff: Handoff;
  readonly state: string;
  readonly back: () => void;
  readonly children: ReactNode;
}) {
  const { story, handoff, state, back, children } = props;
  const { ticket } = story;
  return (
    <header className={classes.top}>
      <button type="button" className={classes.back} onClick={back}>
        <Icon name="back" />
        {texts.back}
      </button>
      <div className={classes.about}>
        <State state={state} />
        <span>{ticket.workflow}</span>
        <Link to="/tickets/$id" params={{ id: ticket.id }}>
          {texts.facts.ticket} <Foreign text={ticket.identity} chars={60} plain />
        </Link>
      </div>
      <h2 className={classes.summary}>
        {handoff.handoff} <span className={classes.dim}>{texts.request.to}</span> {handoff.destination}
      </h2>
      {children}
    </header>
  );
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
