import { useMemo } from 'react';
import { texts } from '../texts/payload.ts';
import { type Field, fieldsOf, isAbout } from './fields.ts';
import type { Complaint } from './lines.ts';
import classes from './payload.module.css';

/** What a contract asks for, field by field; those that were violated are marked. */
export function ContractView(props: { readonly schema: unknown; readonly complaints: readonly Complaint[] }) {
  const { schema, complaints } = props;
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  if (fields.length === 0) return <pre className={classes.raw}>{JSON.stringify(schema, null, 2)}</pre>;
  return (
    <table className={classes.fields}>
      <thead>
        <tr>
          <th scope="col">{texts.field}</th>
          <th scope="col">{texts.type}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => (
          <FieldRow
            key={field.pointer}
            field={field}
            wrong={complaints.some(({ path }) => isAbout(field, path))}
          />
        ))}
      </tbody>
    </table>
  );
}

function FieldRow({ field, wrong }: { readonly field: Field; readonly wrong: boolean }) {
  const { depth, name, required, type, rules, about } = field;
  return (
    <tr data-wrong={wrong}>
      <th scope="row" style={{ paddingLeft: 12 + depth * 16 }}>
        <code>{name}</code>
        {required && <span className={classes.required}>{texts.required}</span>}
      </th>
      <td>
        <code>{type}</code>
        {rules.length > 0 && <span className={classes.rules}>{rules.join(', ')}</span>}
        {about !== null && <p>{about}</p>}
      </td>
    </tr>
  );
}
