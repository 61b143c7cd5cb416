import { Ref } from '../../parts/Ref.tsx';
import { State } from '../../parts/State.tsx';
import { texts } from '../../texts/people.ts';
import classes from './People.module.css';
import { type Answerable, reachOf } from './reach.ts';

/** Whether anybody reaches them, and who has their work where they are away. */
export function Reach({ of }: { readonly of: Answerable }) {
  const { text, cover, mood } = reachOf(of);
  return (
    <span className={classes.reach}>
      <State state={text} mood={mood} />
      {of.away !== null &&
        (cover === null ? (
          <span className={classes.dim}>{texts.reach.uncovered}</span>
        ) : (
          <span className={classes.dim}>
            {texts.reach.covered} <Ref of={cover} />
          </span>
        ))}
    </span>
  );
}
