import { Button } from '@mantine/core';
import { useState } from 'react';
import type { AnswerOf } from '../../api/client.ts';
import { ColumnNames } from '../../parts/ColumnNames.tsx';
import { useNow } from '../../parts/clock.ts';
import type { Column } from '../../parts/csv.ts';
import { Empty } from '../../parts/Empty.tsx';
import { ExportButton } from '../../parts/ExportButton.tsx';
import listClasses from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { State } from '../../parts/State.tsx';
import { Sure } from '../../parts/Sure.tsx';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';

type Key = AnswerOf<'listKeys'>['keys'][number];

/** Keys as they were made; a text of one is never there again. */
export function KeyTable(props: {
  readonly keys: readonly Key[];
  readonly name: string;
  readonly revoke: (id: number) => void;
}) {
  const { keys, name, revoke } = props;
  const now = useNow();
  const [asking, setAsking] = useState<Key | null>(null);
  const names = texts.keys.columns;
  if (keys.length === 0) {
    return (
      <Empty title={texts.keys.nothing.title}>
        <p>{texts.keys.nothing.text}</p>
      </Empty>
    );
  }
  return (
    <>
      <div className={classes.tableActs}>
        <ExportButton name={name} columns={columns} rows={async () => keys} />
      </div>
      <table className={`${listClasses.list} ${classes.list}`}>
        <ColumnNames of={Object.values(names)}>
          <td />
        </ColumnNames>
        <tbody>
          {keys.map((key) => {
            const state = stateOf(key, now);
            return (
              <tr key={key.id}>
                <th scope="row">{key.name}</th>
                <td data-name={names.begins}>
                  <code>{key.hint}…</code>
                </td>
                <td data-name={names.scopes}>{key.scopes.join(', ')}</td>
                <td data-name={names.made}>
                  <Moment at={key.created_at} />
                </td>
                <td data-name={names.used}>
                  {key.used_at === null ? texts.never : <Moment at={key.used_at} />}
                </td>
                <td data-name={names.ends}>
                  <Moment at={key.revoked_at ?? key.expires_at} />
                </td>
                <td data-name={names.state}>
                  <State state={texts.keys.states[state]} mood={state === 'valid' ? 'good' : 'idle'} />
                </td>
                <td className={classes.right}>
                  {state === 'valid' && (
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={texts.keys.revokeOf(key.name)}
                      onClick={() => setAsking(key)}
                    >
                      {texts.keys.revoke}
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <Sure
        opened={asking !== null}
        close={() => setAsking(null)}
        title={texts.keys.sure}
        text={texts.keys.sureText(asking?.name ?? '')}
        submit={texts.keys.revoke}
        run={() => asking !== null && revoke(asking.id)}
      />
    </>
  );
}

function stateOf({ revoked_at, expires_at }: Key, now: number): 'valid' | 'revoked' | 'expired' {
  if (revoked_at !== null) return 'revoked';
  return Date.parse(expires_at) <= now ? 'expired' : 'valid';
}

const columns: readonly Column<Key>[] = [
  { name: 'id', value: (row) => row.id },
  { name: 'name', value: (row) => row.name },
  { name: 'hint', value: (row) => row.hint },
  { name: 'scopes', value: (row) => row.scopes.join(' ') },
  { name: 'created_at', value: (row) => row.created_at },
  { name: 'expires_at', value: (row) => row.expires_at },
  { name: 'used_at', value: (row) => row.used_at },
  { name: 'revoked_at', value: (row) => row.revoked_at },
];
