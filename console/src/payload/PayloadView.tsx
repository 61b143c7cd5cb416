import { useMemo, useState } from 'react';
import { Foreign } from '../parts/Foreign.tsx';
import { texts } from '../texts/payload.ts';
import { type Complaint, linesOf } from './lines.ts';
import classes from './payload.module.css';

const linesAtFirst = 400;
const none: readonly string[] = [];

/** A JSON value, line by line, with what is wrong beside the line where it is. */
export function PayloadView(props: {
  readonly value: unknown;
  readonly complaints: readonly Complaint[];
  /** JSON pointers of values that are not shown to this person. */
  readonly hidden?: readonly string[] | undefined;
}) {
  const { value, complaints, hidden = none } = props;
  const lines = useMemo(() => linesOf(value, complaints, hidden), [value, complaints, hidden]);
  const [shown, setShown] = useState(linesAtFirst);
  return (
    <div className={classes.json}>
      {lines.slice(0, shown).map(({ pointer, depth, name, text, kind, wrong }) => (
        <div
          key={`${pointer} ${kind === 'close' ? 'close' : ''}`}
          className={classes.line}
          data-wrong={wrong.length > 0}
          style={{ paddingLeft: 12 + depth * 16 }}
        >
          <span className={classes.code}>
            {name !== null && (
              <>
                <span className={classes.name}>
                  <Foreign text={JSON.stringify(name)} chars={200} />
                </span>
                {': '}
              </>
            )}
            {kind === 'missing' || kind === 'hidden' ? (
              <span className={classes[kind]}>{texts[kind]}</span>
            ) : (
              <span data-kind={kind} className={classes.value}>
                <Foreign text={text} chars={500} />
              </span>
            )}
          </span>
          {wrong.map((message) => (
            <span key={message} className={classes.wrong}>
              <Foreign text={message} chars={300} />
            </span>
          ))}
        </div>
      ))}
      {lines.length > shown && (
        <button type="button" className={classes.moreLines} onClick={() => setShown(shown * 4)}>
          {texts.moreLines(lines.length - shown)}
        </button>
      )}
    </div>
  );
}
