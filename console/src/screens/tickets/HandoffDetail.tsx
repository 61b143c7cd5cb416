import type { Handoff } from '../../api/shapes.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import { Clock } from '../../parts/Moment.tsx';
import { span } from '../../parts/moments.ts';
import { State } from '../../parts/State.tsx';
import { texts } from '../../texts/tickets.ts';
import { Compared, type ComparedField } from './Compared.tsx';
import classes from './Tickets.module.css';

interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
}

/** One handoff: what was sent, what was answered, and what was found there. */
export function HandoffDetail({ handoff }: { readonly handoff: Handoff }) {
  const request = ((handoff.plan as { request?: Request } | null)?.request ?? {}) as Request;
  const { outcome } = handoff;
  const compared = Array.isArray(outcome?.compared) ? (outcome.compared as ComparedField[]) : [];
  return (
    <div className={classes.handoff}>
      <div className={classes.rungHead}>
        <strong>{handoff.handoff}</strong>
        <State state={handoff.state} />
      </div>
      <p className={classes.dim}>
        <code>
          {request.method} <Foreign text={request.path ?? ''} chars={300} />
        </code>
      </p>
      {handoff.undoes !== null && <p className={classes.dim}>{texts.takesBack(handoff.undoes)}</p>}
      {handoff.attempts.map((attempt) => (
        <details key={attempt.attempt} className={classes.fold}>
          <summary>
            {texts.attempt(attempt.attempt)} · <Clock at={attempt.started_at} /> ·{' '}
            {[attempt.result, attempt.status].filter((part) => part !== null).join(' ')}
            {attempt.ended_at !== null && ` · ${tookText(attempt.started_at, attempt.ended_at)}`}
          </summary>
          {attempt.detail !== null && <Foreign text={attempt.detail} chars={500} />}
          <h4>{texts.request}</h4>
          <pre className={classes.body}>
            <Foreign text={JSON.stringify(request.body ?? null, null, 2)} chars={2_000} />
          </pre>
          <h4>{texts.response}</h4>
          <pre className={classes.body}>
            <Foreign text={attempt.response ?? texts.noResponse} chars={2_000} />
          </pre>
          <p className={classes.dim}>
            {texts.key} <code>{handoff.idempotency_key}</code>
          </p>
        </details>
      ))}
      {outcome !== null && (
        <div className={classes.outcome}>
          <State state={outcome.state} />
          {outcome.evidence !== null && (
            <p>
              <Foreign text={outcome.evidence} chars={600} />
            </p>
          )}
          {compared.length > 0 && <Compared fields={compared} />}
        </div>
      )}
    </div>
  );
}

function tookText(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  return ms < 10_000 ? `${ms} ms` : span(ms);
}
