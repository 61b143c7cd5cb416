import { Foreign } from '../../parts/Foreign.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { texts } from '../../texts/tickets.ts';
import classes from './Tickets.module.css';

export interface ComparedField {
  readonly field: string;
  readonly equal: boolean;
  readonly sent?: unknown;
  readonly found?: unknown;
}

/** What was sent and what is there, field by field. */
export function Compared({ fields }: { readonly fields: readonly ComparedField[] }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{texts.compared.field}</th>
          <th scope="col">{texts.compared.sent}</th>
          <th scope="col">{texts.compared.found}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ field, equal, sent, found }) => (
          <tr key={field} data-wrong={!equal}>
            <th scope="row">
              <Icon
                name={equal ? 'check' : 'close'}
                label={equal ? texts.compared.same : texts.compared.other}
              />{' '}
              <code>{field}</code>
            </th>
            <td>
              <Value of={sent} />
            </td>
            <td>
              <Value of={found} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ of }: { readonly of: unknown }) {
  if (of === undefined) return <em>{texts.compared.absent}</em>;
  return (
    <code>
      <Foreign text={JSON.stringify(of)} chars={300} />
    </code>
  );
}
