import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AnswerOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { ColumnNames } from '../../parts/ColumnNames.tsx';
import type { Column } from '../../parts/csv.ts';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Failure } from '../../parts/Failure.tsx';
import listClasses from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/settings.ts';
import { accounts } from './accounts.ts';
import { Invite } from './Invite.tsx';
import { MayNot } from './MayNot.tsx';
import classes from './Settings.module.css';

type Account = AnswerOf<'listAccounts'>['accounts'][number];

/** Who can sign in, and what they may. */
export function Accounts() {
  const me = useMe();
  return me.may('administer') ? <List /> : <MayNot />;
}

function List() {
  const list = useQuery(accounts);
  const [inviting, setInviting] = useState<string | null>(null);
  const rows = list.data?.accounts ?? [];
  const names = texts.accounts.columns;
  return (
    <section className={classes.section} aria-labelledby="accounts">
      <header className={classes.titleRow}>
        <h2 id="accounts">{texts.accounts.title}</h2>
        <span className={classes.space} />
        <ExportButton name="accounts" columns={columns} rows={async () => rows} />
      </header>
      <p className={classes.hint}>{texts.accounts.about}</p>
      {list.isPending && <Waiting rows={5} />}
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {rows.length > 0 && (
        <table className={`${listClasses.list} ${classes.list}`}>
          <ColumnNames of={Object.values(names)} />
          <tbody>
            {rows.map((row) => (
              <tr key={row.person}>
                <th scope="row">
                  <Link to="/settings/accounts/$person" params={{ person: row.person }}>
                    {row.name ?? row.person}
                  </Link>
                </th>
                <td data-name={names.roles}>{row.roles.join(', ')}</td>
                <td data-name={names.ways}>{waysOf(row).join(', ')}</td>
                <td data-name={names.made}>
                  <Moment at={row.created_at} />
                </td>
                <td data-name={names.state}>
                  <AccountState account={row} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {list.data !== undefined && (
        <section className={classes.panel} aria-labelledby="without">
          <h3 id="without">{texts.accounts.without}</h3>
          {list.data.without.length === 0 && <p className={classes.hint}>{texts.accounts.allHave}</p>}
          <ul className={classes.things}>
            {list.data.without.map((person) => (
              <li key={person}>
                <strong>{person}</strong>
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={texts.accounts.inviteOf(person)}
                  onClick={() => setInviting(person)}
                >
                  {texts.accounts.invite}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Invite person={inviting} close={() => setInviting(null)} />
    </section>
  );
}

export function AccountState({ account: { name, closed_at } }: { readonly account: Account }) {
  if (closed_at !== null) return <State state={texts.accounts.states.closed} mood="idle" />;
  if (name === null) return <State state={texts.accounts.states.gone} mood="warn" />;
  return <State state={texts.accounts.states.open} mood="good" />;
}

function waysOf({ password, totp, oidc }: Account): string[] {
  const { ways } = texts.accounts;
  const has = [
    ...(password ? [ways.password] : []),
    ...(totp ? [ways.totp] : []),
    ...(oidc ? [ways.oidc] : []),
  ];
  return has.length === 0 ? [ways.none] : has;
}

const columns: readonly Column<Account>[] = [
  { name: 'person', value: (row) => row.person },
  { name: 'name', value: (row) => row.name },
  { name: 'roles', value: (row) => row.roles.join(' ') },
  { name: 'ways', value: (row) => waysOf(row).join(' ') },
  { name: 'created_at', value: (row) => row.created_at },
  { name: 'closed_at', value: (row) => row.closed_at },
];
