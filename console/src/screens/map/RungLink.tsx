import { Link } from '@tanstack/react-router';
import { Icon } from '../../parts/Icon.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { texts } from '../../texts/map.ts';
import { texts as ticketTexts } from '../../texts/tickets.ts';
import classes from './Map.module.css';
import { type MapRung, whereaboutsOf } from './rungs.ts';

/** A rung: how many came so far, what is there now, whose it is; and the way to what stands there. */
export function RungLink({ rung, workflow }: { readonly rung: MapRung; readonly workflow: string }) {
  const here = rung.here !== null && rung.here > 0 ? sayHere(rung) : null;
  const title = rung.name === 'done' ? texts.doneTitle : texts.reachedTitle;
  return (
    <Link {...whereaboutsOf(rung, workflow)} className={classes.rung} data-mood={rung.mood}>
      <span className={classes.rungHead}>
        {rung.mood !== 'calm' && <Icon name="alert" />}
        {rung.name === 'done' && <Icon name="check" />}
        <strong>{ticketTexts.rungs[rung.name]}</strong>
        {rung.reached !== null && (
          <span className={classes.count} title={title}>
            {rung.reached.toLocaleString('en')}
          </span>
        )}
      </span>
      <span className={classes.rungFoot}>
        {rung.open > 0 && <span className={classes.open}>{texts.open(rung.open)}</span>}
        {here !== null && <span className={classes.here}>{here}</span>}
        {rung.owners.map((owner) => (
          <Ref key={owner} of={owner} />
        ))}
      </span>
    </Link>
  );
}

function sayHere({ name, here }: MapRung): string | null {
  const say = texts.here[name as keyof typeof texts.here];
  return here === null || say === undefined ? null : say(here);
}
