import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { type AnswerOf, answerOf, api } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/settings.ts';
import { Access } from './Access.tsx';
import { AccountState } from './Accounts.tsx';
import { ActTable } from './ActTable.tsx';
import { accounts } from './accounts.ts';
import { KeyForm } from './KeyForm.tsx';
import { KeyTable } from './KeyTable.tsx';
import { MayNot } from './MayNot.tsx';
import { RoleChoice } from './RoleChoice.tsx';
import classes from './Settings.module.css';
import { useDo } from './useDo.ts';

/** Somebody's account, for an administrator. */
export function Account() {
  const me = useMe();
  return me.may('administer') ? <Found /> : <MayNot />;
}

function Found() {
  const { person } = useParams({ from: '/frame/settings/accounts/$person' });
  const list = useQuery(accounts);
  if (list.isPending) return <Waiting rows={6} />;
  if (list.data === undefined) return <Failure error={list.error} retry={() => void list.refetch()} />;
  const account = list.data.accounts.find((each) => each.person === person);
  if (account === undefined) {
    return (
      <Empty title={texts.accounts.gone.title}>
        <p>{texts.accounts.gone.text}</p>
        <Link to="/settings/accounts">{texts.accounts.back}</Link>
      </Empty>
    );
  }
  return <Told key={person} account={account} />;
}

type Account = AnswerOf<'listAccounts'>['accounts'][number];

function Told({ account }: { readonly account: Account }) {
  const { person } = account;
  const path = { person };
  const { run } = useDo('account-acts', 'keys-of');
  const keys = useQuery({
    queryKey: ['keys-of', person],
    queryFn: ({ signal }) => answerOf(api.GET('/api/accounts/{person}/keys', { params: { path }, signal })),
  });
  return (
    <section className={classes.section} aria-labelledby="account">
      <Link to="/settings/accounts" className={classes.crumb}>
        <Icon name="back" /> {texts.accounts.back}
      </Link>
      <h2 id="account" className={classes.big}>
        {account.name ?? person}
      </h2>
      <p>
        <AccountState account={account} /> <code>person:{person}</code>
      </p>
      <div className={classes.panels}>
        <Roles key={account.roles.join()} account={account} />
        <Access account={account} />
      </div>
      <section className={classes.section} aria-labelledby="keys-of">
        <h3 id="keys-of">{texts.accounts.keys}</h3>
        {keys.isPending && <Waiting rows={2} />}
        {keys.error !== null && <Failure error={keys.error} />}
        {keys.data !== undefined && (
          <KeyTable
            keys={keys.data.keys}
            name={`keys-${person}`}
            revoke={(id) =>
              run(async () => {
                await api.DELETE('/api/accounts/{person}/keys/{id}', { params: { path: { person, id } } });
                return texts.keys.revoked;
              })
            }
          />
        )}
        <KeyForm
          all
          stale="keys-of"
          make={async (body) =>
            (await answerOf(api.POST('/api/accounts/{person}/keys', { params: { path }, body }))).key
          }
        />
      </section>
      <section className={classes.section} aria-labelledby="acts-of">
        <h3 id="acts-of">{texts.accounts.acts}</h3>
        <ActTable person={person} limit={10} />
        <Link to="/settings/acts" search={{ person }}>
          {texts.accounts.allActs}
        </Link>
      </section>
    </section>
  );
}

function Roles({ account }: { readonly account: Account }) {
  const { person, roles } = account;
  const [chosen, setChosen] = useState(roles);
  const { run, busy } = useDo('accounts', 'account-acts');
  const save = async () => {
    const body = { roles: [...chosen] };
    await answerOf(api.POST('/api/accounts/{person}', { params: { path: { person } }, body }));
    return texts.accounts.saved;
  };
  return (
    <section className={classes.panel} aria-labelledby="roles">
      <h3 id="roles">{texts.accounts.roles}</h3>
      <RoleChoice labelledBy="roles" chosen={chosen} choose={(next) => setChosen([...next])} />
      <div className={classes.acts}>
        <Button
          disabled={busy || chosen.length === 0 || chosen.join() === roles.join()}
          onClick={() => run(save)}
        >
          {texts.accounts.save}
        </Button>
      </div>
    </section>
  );
}
