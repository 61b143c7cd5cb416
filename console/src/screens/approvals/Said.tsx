import { useQuery } from '@tanstack/react-query';
import { people } from '../../api/queries.ts';
import type { Story } from '../../api/shapes.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import { Moment } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { texts } from '../../texts/approvals.ts';
import classes from './Approvals.module.css';
import { type Approval, askedOf } from './waiting.ts';

/** Who has said yes, and who still can. */
export function Said({ approval, story }: { readonly approval: Approval; readonly story: Story }) {
  const known = useQuery(people);
  const said = new Set(approval.yes.map(({ by }) => by));
  const asked = askedOf(approval).flatMap((ref) => {
    const members = known.data?.people.find((each) => each.ref === ref)?.members ?? [];
    return members.length === 0 ? [ref] : members;
  });
  const acted = new Set(
    story.entries.filter(({ kind }) => !kind.startsWith('approval_')).map(({ actor }) => actor),
  );
  const still = [...new Set(asked)].filter(
    (ref) => !said.has(ref) && !(approval.four_eyes && acted.has(ref)),
  );
  return (
    <section className={classes.section} aria-labelledby="said">
      <h3 id="said">{texts.said.title}</h3>
      {approval.yes.length === 0 && <p className={classes.hint}>{texts.said.nobody}</p>}
      <ul className={classes.said}>
        {approval.yes.map(({ by, at, reason }) => (
          <li key={by}>
            <Ref of={by} /> <Moment at={at} />
            {reason !== null && (
              <span className={classes.dim}>
                <Foreign text={reason} chars={400} />
              </span>
            )}
          </li>
        ))}
      </ul>
      {approval.state === 'waiting' && still.length > 0 && (
        <p className={classes.still}>
          <span className={classes.dim}>{texts.said.still}:</span>
          {still.map((ref) => (
            <Ref key={ref} of={ref} />
          ))}
        </p>
      )}
    </section>
  );
}
