import type { Entry } from '../../api/shapes.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import { Clock, Moment } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { entryText, kindText } from './entry.ts';
import classes from './Tickets.module.css';

/** Entries of the record, oldest first; with `hashes`, what chains them. */
export function Entries(props: {
  readonly entries: readonly Entry[];
  readonly hashes?: boolean;
  /** Sequences that did not verify. */
  readonly broken?: ReadonlySet<number>;
}) {
  return (
    <ol className={classes.entries}>
      {props.entries.map((entry) => (
        <li key={entry.seq} data-broken={props.broken?.has(entry.seq) === true}>
          <span className={classes.when}>
            <Clock at={entry.at} />
          </span>
          <span className={classes.what}>
            <strong>{kindText(entry.kind)}</strong>{' '}
            {entry.actor !== 'signalbox' && (
              <span className={classes.by}>
                <Ref of={entry.actor} />
              </span>
            )}
            <span className={classes.said}>
              <Foreign text={entryText(entry)} chars={400} />
            </span>
            {props.hashes === true && (
              <code className={classes.hash} title={entry.hash}>
                {entry.hash.slice(0, 16)}
              </code>
            )}
          </span>
          <span className={classes.ago}>
            <Moment at={entry.at} />
          </span>
        </li>
      ))}
    </ol>
  );
}
