import { Link } from '@tanstack/react-router';
import { Icon } from '../../parts/Icon.tsx';
import { PersonLink } from '../../parts/PersonLink.tsx';
import { State } from '../../parts/State.tsx';
import { texts } from '../../texts/map.ts';
import { circuitMoods } from '../handoffs/circuit.ts';
import classes from './Map.module.css';
import type { Beside } from './rungs.ts';

/** Where a workflow's work comes from, and whom or what it goes to. */
export function BesideRung({ beside }: { readonly beside: Beside }) {
  if (beside.kind === 'person') {
    return (
      <span className={classes.beside}>
        <PersonLink of={beside.ref} />
      </span>
    );
  }
  if (beside.kind === 'source') {
    return (
      <span className={classes.beside}>
        <Link to="/tickets" search={{ source: beside.source }} className={classes.named}>
          <Icon name="source" />
          {beside.source}
        </Link>
      </span>
    );
  }
  return (
    <span className={classes.beside}>
      <Link
        to="/handoffs/$destination"
        params={{ destination: beside.destination }}
        className={classes.named}
      >
        <Icon name="handoff" />
        {beside.destination}
      </Link>
      <span className={classes.besideFoot}>
        {beside.state === 'closed' ? (
          <span>{beside.id}</span>
        ) : (
          <State state={texts.states[beside.state]} mood={circuitMoods[beside.state]} />
        )}
        {beside.sending > 0 && <span>{texts.underway(beside.sending)}</span>}
      </span>
    </span>
  );
}
