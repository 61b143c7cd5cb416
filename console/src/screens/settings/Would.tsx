import { Foreign } from '../../parts/Foreign.tsx';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';

/** A dry run as the API tells it; its form is the same for intake, hand-in and check. */
interface Told {
  readonly decision: {
    readonly kind: string;
    readonly identity: string;
    readonly reasons: readonly { readonly rung: string; readonly code: string; readonly text: string }[];
  };
  readonly would_be: {
    readonly route: string | null;
    readonly confidence: number | null;
    readonly exception: { readonly mode: string; readonly summary: string } | null;
    readonly handoffs: readonly {
      readonly handoff: string;
      readonly destination: string;
      readonly approval: { readonly by: string } | null;
    }[];
  } | null;
}

/** What would be decided. */
export function Would({ would }: { readonly would: Readonly<Record<string, unknown>> }) {
  const many = 'triggers' in would ? (would.triggers as readonly Told[]) : null;
  if (many === null) return <One told={would as unknown as Told} />;
  return many.map((told, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the place in its delivery is what names it
    <div key={index}>
      <strong>{texts.would.part(index + 1)}</strong>
      <One told={told} />
    </div>
  ));
}

function One({ told: { decision, would_be: becomes } }: { readonly told: Told }) {
  return (
    <div className={classes.would}>
      <p>
        <strong>{texts.would.kinds[decision.kind] ?? decision.kind}</strong>
        {decision.identity !== '' && (
          <>
            {' · '}
            <Foreign text={decision.identity} chars={120} plain />
          </>
        )}
      </p>
      {becomes === null && <p>{texts.would.nothing}</p>}
      {becomes?.exception != null && (
        <p className={classes.warn}>
          {becomes.exception.mode.replaceAll('_', ' ')}:{' '}
          <Foreign text={becomes.exception.summary} chars={300} />
        </p>
      )}
      {becomes?.route != null && <p>{texts.would.goes(becomes.route, String(becomes.confidence ?? 1))}</p>}
      {becomes !== null && becomes.handoffs.length > 0 && (
        <ul className={classes.bullets}>
          {becomes.handoffs.map(({ handoff, destination, approval }) => (
            <li key={handoff}>
              {texts.would.handoff(handoff, destination)}
              {approval !== null && `, ${texts.would.approval(approval.by)}`}
            </li>
          ))}
        </ul>
      )}
      <details className={classes.fold}>
        <summary>{texts.would.reasons}</summary>
        <ul className={classes.bullets}>
          {decision.reasons.map(({ rung, code, text }) => (
            <li key={`${rung} ${code} ${text}`}>
              <span className={classes.dim}>{rung}</span> <Foreign text={text} chars={400} />
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
