import type { UseQueryResult } from '@tanstack/react-query';
import type { AnswerOf } from '../../api/client.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { texts } from '../../texts/exceptions.ts';
import classes from './Detail.module.css';
import type { Parsed } from './Repair.tsx';

type Answer = AnswerOf<'rehearseReplay'>;

/** Whether the payload satisfies its contract, and what a replay would do. */
export function Rehearsal({ parsed, rehearsal }: { parsed: Parsed; rehearsal: UseQueryResult<Answer> }) {
  return (
    <div aria-live="polite" className={classes.rehearsal}>
      <h4>{texts.repair.would}</h4>
      {!parsed.ok ? (
        <p className={classes.warn}>{texts.repair.notJson}</p>
      ) : rehearsal.data !== undefined ? (
        <Told answer={rehearsal.data} />
      ) : rehearsal.error !== null ? (
        <Failure error={rehearsal.error} />
      ) : (
        <p className={classes.hint}>{texts.repair.checking}</p>
      )}
    </div>
  );
}

interface WouldBe {
  readonly state: string;
  readonly route: string | null;
  readonly confidence: number | null;
  readonly handoffs: readonly {
    readonly handoff: string;
    readonly destination: string;
    readonly approval: { readonly by: string } | null;
  }[];
  readonly exception: { readonly mode: string; readonly summary: string } | null;
}

function Told({ answer }: { readonly answer: Answer }) {
  const { violations } = answer;
  const becomes = answer.would_be as WouldBe | null;
  if (violations.length > 0) {
    return (
      <>
        <p className={classes.bad}>{texts.repair.violates(violations.length)}</p>
        <ul className={classes.complaints}>
          {violations.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <Foreign text={message} chars={300} />
            </li>
          ))}
        </ul>
      </>
    );
  }
  return (
    <>
      <p className={classes.good}>{texts.repair.valid}</p>
      {becomes?.exception != null ? (
        <p className={classes.warn}>
          {texts.repair.stops(becomes.exception.mode.replaceAll('_', ' '))}:{' '}
          <Foreign text={becomes.exception.summary} chars={300} />
        </p>
      ) : (
        <>
          {becomes?.route != null && (
            <p>{texts.repair.goes(becomes.route, String(becomes.confidence ?? 1))}</p>
          )}
          <ul className={classes.complaints}>
            {becomes?.handoffs.map(({ handoff, destination, approval }) => (
              <li key={handoff}>
                {texts.repair.handoff(handoff, destination)}
                {approval !== null && `, ${texts.repair.approval(approval.by)}`}
              </li>
            ))}
          </ul>
          {becomes?.state === 'done' && <p>{texts.repair.done}</p>}
        </>
      )}
    </>
  );
}
