import { Button, PasswordInput } from '@mantine/core';
import { useRef } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';
import { useDo } from './useDo.ts';

export function Password() {
  const me = useMe();
  const form = useRef<HTMLFormElement>(null);
  const { run, busy } = useDo('me', 'sessions');
  const told = texts.account.password;
  const toggle = { visibilityToggleButtonProps: { 'aria-label': told.show } };
  return (
    <section className={classes.panel} aria-labelledby="password">
      <h3 id="password">{told.title}</h3>
      <p className={classes.hint}>{me.has.password ? told.has : told.hasNot}</p>
      <form
        ref={form}
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          run(
            async () => {
              const [current, password] = ['current', 'next'].map((name) => String(data.get(name) ?? ''));
              await answerOf(
                api.POST('/api/me/password', {
                  body: { password: password ?? '', ...(me.has.password && { current: current ?? '' }) },
                }),
              );
              return told.done;
            },
            () => form.current?.reset(),
          );
        }}
      >
        {/* So that a password manager knows whose it is. */}
        <input
          type="text"
          name="username"
          autoComplete="username"
          value={me.email ?? me.actor}
          readOnly
          hidden
        />
        {me.has.password && (
          <PasswordInput
            name="current"
            label={told.current}
            autoComplete="current-password"
            required
            {...toggle}
          />
        )}
        <PasswordInput
          name="next"
          label={told.next}
          description={told.nextHint}
          autoComplete="new-password"
          required
          minLength={12}
          {...toggle}
        />
        <div className={classes.acts}>
          <Button type="submit" variant="default" disabled={busy}>
            {told.set}
          </Button>
        </div>
      </form>
    </section>
  );
}
