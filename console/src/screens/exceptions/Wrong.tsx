import { useQuery } from '@tanstack/react-query';
import { payloadOf, replayBaseOf } from '../../api/queries.ts';
import type { Exception, Story } from '../../api/shapes.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { ContractView } from '../../payload/ContractView.tsx';
import { PayloadView } from '../../payload/PayloadView.tsx';
import { texts } from '../../texts/exceptions.ts';
import { Compared } from '../tickets/Compared.tsx';
import classes from './Detail.module.css';
import { comparedOf, complaintsOf, otherDetailOf } from './detail.ts';

/** The failed payload beside the contract, what is wrong marked in both; for a handoff, what differs in the target. */
export function Wrong({ story, exception }: { readonly story: Story; readonly exception: Exception }) {
  const complaints = complaintsOf(exception);
  const compared = comparedOf(exception);
  const other = otherDetailOf(exception);
  const { ticket } = story;
  const base = useQuery(replayBaseOf(ticket.id, ticket.revision));
  const kept = story.payloads.find(({ revision }) => revision === ticket.revision);
  const readable = base.data?.payload != null;
  return (
    <section className={classes.section} aria-labelledby="wrong">
      <h3 id="wrong">{texts.wrong.title}</h3>
      {complaints.length > 0 && (
        <ul className={classes.complaints}>
          {complaints.map(({ path, message, repair }) => (
            <li key={`${path} ${message}`}>
              <Foreign text={message} chars={400} />
              {path !== '' && <code>{path}</code>}
              {repair !== undefined && (
                <span className={classes.dim}>
                  {texts.wrong.repairs}: <Foreign text={repair.text} chars={200} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {compared !== null && <Compared fields={compared} />}
      {other.length > 0 && (
        <dl className={classes.particulars}>
          {other.map(([name, value]) => (
            <div key={name}>
              <dt>{name.replaceAll('_', ' ')}</dt>
              <dd>
                <Foreign text={value} chars={600} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <div className={classes.beside}>
        <div className={classes.pane}>
          <h4>{texts.wrong.payload}</h4>
          {base.isPending ? (
            <Waiting rows={5} height={18} />
          ) : readable ? (
            <>
              {base.data !== undefined && base.data.hidden.length > 0 && (
                <p className={classes.hint}>{texts.wrong.hidden(base.data.hidden.length)}</p>
              )}
              <PayloadView value={base.data?.payload} complaints={complaints} hidden={base.data?.hidden} />
            </>
          ) : kept?.erased_at != null ? (
            <p className={classes.hint}>{texts.wrong.erased}</p>
          ) : (
            <Raw ticketId={ticket.id} revision={kept?.revision ?? ticket.revision} />
          )}
        </div>
        <div className={classes.pane}>
          <h4>
            {texts.wrong.contract} {base.data !== undefined && <code>{base.data.contract.name}</code>}
          </h4>
          {base.data !== undefined && base.data.version !== ticket.workflow_version && (
            <p className={classes.hint}>{texts.wrong.revised}</p>
          )}
          {base.data !== undefined && (
            <ContractView schema={base.data.contract.schema} complaints={complaints} />
          )}
          {base.error !== null && <Failure error={base.error} />}
        </div>
      </div>
    </section>
  );
}

/** The bytes as text, where they are no JSON. */
function Raw({ ticketId, revision }: { readonly ticketId: string; readonly revision: number }) {
  const bytes = useQuery(payloadOf(ticketId, revision));
  if (bytes.isPending) return <Waiting rows={3} height={18} />;
  if (bytes.data === undefined) return <Failure error={bytes.error} />;
  return (
    <>
      <p className={classes.hint}>{texts.wrong.unreadable}</p>
      <pre className={classes.raw}>
        <Foreign text={bytes.data} />
      </pre>
    </>
  );
}
