import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type AnswerOf, answerOf, api } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { Ask } from '../../parts/Ask.tsx';
import { Once } from '../../parts/Once.tsx';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';
import { useDo } from './useDo.ts';

const told = texts.account.codes;

export function Codes() {
  const me = useMe();
  const { run, busy } = useDo('me');
  const [started, setStarted] = useState<AnswerOf<'startTotp'> | null>(null);
  const [backup, setBackup] = useState<readonly string[] | null>(null);
  const [asking, setAsking] = useState<'renew' | 'remove' | null>(null);
  const [code, setCode] = useState('');

  const start = () =>
    run(async () => {
      setStarted(await answerOf(api.POST('/api/me/totp/start', { body: {} })));
      return undefined;
    });
  const confirm = () =>
    run(async () => {
      const { backup_codes } = await answerOf(api.POST('/api/me/totp', { body: { code } }));
      setBackup(backup_codes);
      setStarted(null);
      setCode('');
      return undefined;
    });
  const withCode = (given: string) =>
    run(async () => {
      const body = { code: given };
      if (asking === 'remove') {
        await answerOf(api.POST('/api/me/totp/remove', { body }));
        return told.off2;
      }
      setBackup((await answerOf(api.POST('/api/me/backup-codes', { body }))).backup_codes);
      return undefined;
    });

  return (
    <section className={classes.panel} aria-labelledby="codes">
      <h3 id="codes">{told.title}</h3>
      <p className={classes.hint}>{me.has.totp ? told.on(me.has.backup_codes) : told.off}</p>
      {backup !== null && <Once label={told.backup} text={backup.join('\n')} close={() => setBackup(null)} />}
      {me.has.totp ? (
        <div className={classes.acts}>
          <Button variant="default" disabled={busy} onClick={() => setAsking('renew')}>
            {told.renew}
          </Button>
          <Button variant="default" disabled={busy} onClick={() => setAsking('remove')}>
            {told.remove}
          </Button>
        </div>
      ) : started !== null ? (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            confirm();
          }}
        >
          <p>{told.secret}</p>
          <p>
            <code className={classes.secret}>{started.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
          </p>
          <p>
            <a href={started.uri}>{told.open}</a>
          </p>
          <TextInput
            label={told.code}
            required
            maxLength={40}
            inputMode="numeric"
            autoComplete="one-time-code"
            className={classes.short ?? ''}
            value={code}
            onChange={({ currentTarget }) => setCode(currentTarget.value)}
          />
          <div className={classes.acts}>
            <Button type="submit" disabled={busy || code.trim() === ''}>
              {told.confirm}
            </Button>
          </div>
        </form>
      ) : me.has.password ? (
        <div className={classes.acts}>
          <Button variant="default" disabled={busy} onClick={start}>
            {told.start}
          </Button>
        </div>
      ) : (
        <p>{told.needsPassword}</p>
      )}
      <Ask
        opened={asking !== null}
        close={() => setAsking(null)}
        title={asking === 'remove' ? told.remove : told.renew}
        label={told.codeOr}
        submit={asking === 'remove' ? told.remove : told.renew}
        charsMax={40}
        answer={withCode}
      />
    </section>
  );
}
