import { Foreign } from '../../parts/Foreign.tsx';
import { PayloadView } from '../../payload/PayloadView.tsx';
import { texts } from '../../texts/approvals.ts';
import classes from './Approvals.module.css';
import type { Request } from './waiting.ts';

/** A request to a destination, as it is sent but for the credential. */
export function RequestView(props: {
  readonly title: string;
  readonly request: Request;
  readonly destination: string;
  readonly note?: string;
}) {
  const { title, request, destination, note } = props;
  const headers = Object.entries(request.headers ?? {});
  return (
    <section className={classes.section} aria-labelledby="request">
      <h3 id="request">{title}</h3>
      <div className={classes.pane}>
        <p className={classes.line}>
          <strong>{request.method}</strong>{' '}
          <code>
            <Foreign text={request.path} chars={600} />
          </code>{' '}
          <span className={classes.dim}>
            {texts.request.to} {destination} · {request.operation}
          </span>
        </p>
        {headers.length > 0 && (
          <dl className={classes.headers}>
            {headers.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <Foreign text={value} chars={300} />
                </dd>
              </div>
            ))}
          </dl>
        )}
        {request.body === undefined || request.body === null ? (
          <p className={classes.line}>{texts.request.noBody}</p>
        ) : (
          <PayloadView value={request.body} complaints={none} />
        )}
      </div>
      {note !== undefined && <p className={classes.hint}>{note}</p>}
    </section>
  );
}

const none: readonly [] = [];
