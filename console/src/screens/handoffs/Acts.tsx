import type { DestinationWithActs } from '../../api/house.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import classes from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { type Mood, State } from '../../parts/State.tsx';
import { texts } from '../../texts/handoffs.ts';

const moods: Readonly<Record<DestinationWithActs['acts'][number]['act'], Mood>> = {
  opened: 'bad',
  recovering: 'warn',
  closed: 'good',
  paused: 'warn',
  resumed: 'calm',
};

/** What was done to a destination, by people and by its circuit, latest first. */
export function Acts({ acts }: { readonly acts: DestinationWithActs['acts'] }) {
  return (
    <section className={classes.section} aria-labelledby="acts">
      <div className={classes.sectionHead}>
        <h2 id="acts">{texts.acts.title}</h2>
      </div>
      {acts.length === 0 ? (
        <p className={classes.dim}>{texts.acts.none}</p>
      ) : (
        <table className={classes.list}>
          <tbody>
            {acts.map(({ act, at, actor, reason }) => (
              <tr key={`${at} ${act}`}>
                <th scope="row">
                  <State state={texts.acts.names[act]} mood={moods[act]} />
                </th>
                <td>
                  <Foreign text={reason} chars={300} />
                </td>
                <td>
                  <Ref of={actor} />
                </td>
                <td className={classes.right}>
                  <Moment at={at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
