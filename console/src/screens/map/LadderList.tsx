import { texts } from '../../texts/map.ts';
import { texts as ticketTexts } from '../../texts/tickets.ts';
import { BesideRung } from './BesideRung.tsx';
import { Exits } from './Exits.tsx';
import classes from './Map.module.css';
import { RungLink } from './RungLink.tsx';
import type { MapRung } from './rungs.ts';

/** The same ladder as a list: for narrow screens, and for whoever reads rather than looks. */
export function LadderList(props: { readonly rungs: readonly MapRung[]; readonly workflow: string }) {
  return (
    <ol className={classes.ladder} aria-label={texts.drawing(props.workflow)}>
      {props.rungs.map((rung) => (
        <li key={rung.name}>
          <RungLink rung={rung} workflow={props.workflow} />
          {rung.beside.length > 0 && (
            <div className={classes.besideList}>
              {rung.beside.map((beside) => (
                <BesideRung key={JSON.stringify(beside)} beside={beside} />
              ))}
            </div>
          )}
          <section aria-label={texts.exitsOf(ticketTexts.rungs[rung.name])}>
            <Exits rung={rung} workflow={props.workflow} all={false} />
          </section>
        </li>
      ))}
    </ol>
  );
}
