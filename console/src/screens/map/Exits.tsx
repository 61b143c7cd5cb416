import { Link } from '@tanstack/react-router';
import { texts } from '../../texts/map.ts';
import classes from './Map.module.css';
import { exitSearchOf, type MapRung } from './rungs.ts';

/** What leaves the path at a rung; an exit that something has taken leads to it. */
export function Exits(props: {
  readonly rung: MapRung;
  readonly workflow: string;
  /** Also those that nothing has taken. */
  readonly all: boolean;
}) {
  const { rung, workflow, all } = props;
  const exits = all ? rung.exits : rung.exits.filter(({ open, stopped }) => open + stopped > 0);
  if (exits.length === 0 && !all) return null;
  return (
    <ul className={classes.exits}>
      {all && rung.name === 'intake' && (
        <li className={classes.unused} title={texts.accepted}>
          401 413 415 429 503
        </li>
      )}
      {exits.map((exit) => {
        const mode = exit.mode.replaceAll('_', ' ');
        if (exit.open + exit.stopped === 0) {
          return (
            <li key={exit.mode} className={classes.unused}>
              {mode}
            </li>
          );
        }
        return (
          <li key={exit.mode}>
            <Link
              to="/exceptions"
              search={exitSearchOf(exit, workflow)}
              className={classes.exit}
              data-open={exit.open > 0}
              title={texts.exitTo(mode, exit.open, exit.stopped)}
            >
              <span>{mode}</span>
              <span className={classes.exitCount}>
                {exit.open > 0 ? texts.open(exit.open) : texts.stopped(exit.stopped)}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
