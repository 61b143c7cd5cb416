import { Button } from '@mantine/core';
import { useState } from 'react';
import { type AnswerOf, answerOf, api } from '../../api/client.ts';
import { Once } from '../../parts/Once.tsx';
import { Sure } from '../../parts/Sure.tsx';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';
import { useDo } from './useDo.ts';

/** Lets somebody in again, or out: a link, what they have lost taken off, sessions ended, the account closed. */
export function Access({ account }: { readonly account: AnswerOf<'listAccounts'>['accounts'][number] }) {
  const { person } = account;
  const path = { person };
  const [link, setLink] = useState<string | null>(null);
  const [closing, setClosing] = useState(false);
  const { run, busy } = useDo('accounts', 'account-acts');
  const told = texts.accounts;
  const change = (body: { closed?: boolean; remove_password?: true; remove_totp?: true }, said: string) =>
    run(async () => {
      await answerOf(api.POST('/api/accounts/{person}', { params: { path }, body }));
      return said;
    });
  const makeLink = () =>
    run(async () => {
      setLink((await answerOf(api.POST('/api/accounts/{person}/link', { params: { path }, body: {} }))).url);
      return undefined;
    });
  const endSessions = () =>
    run(async () => {
      const { ended } = await answerOf(api.DELETE('/api/accounts/{person}/sessions', { params: { path } }));
      return told.sessionsEnded(ended);
    });
  return (
    <section className={classes.panel} aria-labelledby="access">
      <h3 id="access">{told.lost}</h3>
      <p className={classes.hint}>{told.linkAbout}</p>
      {link !== null && <Once label={told.linkMade(person)} text={link} close={() => setLink(null)} />}
      <div className={classes.acts}>
        {account.closed_at === null && (
          <Button variant="default" disabled={busy} onClick={makeLink}>
            {told.link}
          </Button>
        )}
        {account.password && (
          <Button
            variant="default"
            disabled={busy}
            onClick={() => change({ remove_password: true }, told.passwordRemoved)}
          >
            {told.removePassword}
          </Button>
        )}
        {account.totp && (
          <Button
            variant="default"
            disabled={busy}
            onClick={() => change({ remove_totp: true }, told.codesRemoved)}
          >
            {told.removeCodes}
          </Button>
        )}
        <Button variant="default" disabled={busy} onClick={endSessions}>
          {told.endSessions}
        </Button>
        {account.closed_at === null ? (
          <Button variant="default" disabled={busy} onClick={() => setClosing(true)}>
            {told.close}
          </Button>
        ) : (
          <Button disabled={busy} onClick={() => change({ closed: false }, told.opened)}>
            {told.open}
          </Button>
        )}
      </div>
      <Sure
        opened={closing}
        close={() => setClosing(false)}
        title={told.closeSure}
        text={told.closeText}
        submit={told.close}
        run={() => change({ closed: true }, told.closed)}
      />
    </section>
  );
}
