import type { Explanation, Story } from '../../api/shapes.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Clock } from '../../parts/Moment.tsx';
import { texts } from '../../texts/tickets.ts';
import { HandoffDetail } from './HandoffDetail.tsx';
import { ladderOf, type Rung } from './ladder.ts';
import classes from './Tickets.module.css';
import { Why } from './Why.tsx';

/** The ladder that a ticket climbed: each rung with what it saw and decided. */
export function Ladder(props: { readonly story: Story; readonly explanation: Explanation | undefined }) {
  return (
    <ol className={classes.ladder}>
      {ladderOf(props.story).map((rung) => (
        <li key={rung.name} data-standing={rung.standing}>
          <span className={classes.mark}>
            <Mark rung={rung} />
          </span>
          <div className={classes.rung}>
            <div className={classes.rungHead}>
              <strong>{texts.rungs[rung.name]}</strong>
              {rung.at !== null && rung.standing !== 'ahead' && rung.standing !== 'none' && (
                <Clock at={rung.at} />
              )}
            </div>
            {rung.said.map((sentence) => (
              <p key={sentence}>
                <Foreign text={sentence} chars={500} />
              </p>
            ))}
            {rung.said.length === 0 && <p className={classes.dim}>{texts.standing[rung.standing]}</p>}
            {props.explanation !== undefined && rung.standing !== 'ahead' && (
              <Why rung={rung.name} explanation={props.explanation} />
            )}
            {rung.name === 'handoff' &&
              rung.handoffs.map((each) => <HandoffDetail key={each.seq} handoff={each} />)}
          </div>
        </li>
      ))}
    </ol>
  );
}

function Mark({ rung: { standing } }: { readonly rung: Rung }) {
  const icons = { passed: 'check', stopped: 'close', waiting: 'clock' } as const;
  const name = icons[standing as keyof typeof icons];
  return name === undefined ? null : <Icon name={name} label={texts.marks[standing as keyof typeof icons]} />;
}
