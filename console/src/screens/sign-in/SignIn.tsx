import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { Failure } from '../../parts/Failure.tsx';
import { texts } from '../../texts/sign-in.ts';
import classes from './SignIn.module.css';
import { byCode, byLink, byPasskey, byPassword, fromProvider, linkOf, toProvider } from './ways.ts';

/** How one proves who one is. A link signs in by itself; it stands behind the `#`, which no server and no log is sent. */
export function SignIn() {
  const { from } = useSearch({ from: '/sign-in' });
  const client = useQueryClient();
  const navigate = useNavigate();
  const ways = useQuery({ queryKey: ['sign-in'], queryFn: () => answerOf(api.GET('/api/sign-in')) });
  const [given] = useState(() => ({ link: linkOf(window.location.hash), query: window.location.search }));
  const returned = /[?&](code|error)=/.test(given.query);
  const [busy, setBusy] = useState(given.link !== '' || returned);
  const [error, setError] = useState<unknown>(null);
  const [step, setStep] = useState<string | null>(null);
  const begun = useRef(false);

  const attempt = async (way: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      const asked = stepOf(await way());
      setStep(asked);
      if (asked !== null) return;
      client.clear();
      await navigate({ to: isOwn(from) ? from : '/today', replace: true });
    } catch (problem) {
      setError(problem instanceof DOMException ? new Problem(400, { detail: texts.noPasskey }) : problem);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    if (begun.current || !busy) return;
    begun.current = true;
    window.history.replaceState(null, '', window.location.pathname);
    void attempt(() => (returned ? fromProvider(given.query) : byLink(given.link)));
  });
  const submit = (way: (data: FormData) => Promise<unknown>) => (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    void attempt(() => way(data));
  };
  const text = (data: FormData, name: string) => String(data.get(name) ?? '').trim();

  return (
    <main className={classes.screen}>
      <div className={classes.box}>
        <img src="/icon.svg" width="36" height="36" alt="" />
        <h1>{texts.title}</h1>
        {busy && <p role="status">{texts.signingIn}</p>}
        {error !== null && <Failure error={error} />}
        {step !== null ? (
          <form onSubmit={submit((data) => byCode(step, text(data, 'code')))}>
            <TextInput name="code" label={texts.code} autoComplete="one-time-code" autoFocus required />
            <Button type="submit" disabled={busy}>
              {texts.signIn}
            </Button>
          </form>
        ) : (
          <>
            <form onSubmit={submit((data) => byPassword(text(data, 'name'), String(data.get('password'))))}>
              <TextInput name="name" label={texts.name} autoComplete="username webauthn" required />
              <PasswordInput
                name="password"
                label={texts.password}
                autoComplete="current-password"
                required
                visibilityToggleButtonProps={{ 'aria-label': texts.show }}
              />
              <Button type="submit" disabled={busy}>
                {texts.signIn}
              </Button>
            </form>
            {ways.data?.passkey === true && (
              <Button variant="default" disabled={busy} onClick={() => void attempt(byPasskey)}>
                {texts.passkey}
              </Button>
            )}
            {ways.data?.oidc != null && (
              <Button
                variant="default"
                disabled={busy}
                onClick={() => void toProvider().catch((problem) => setError(problem))}
              >
                {texts.provider(ways.data.oidc.name)}
              </Button>
            )}
            <details className={classes.hint} open={ways.data?.first === true}>
              <summary>{texts.byLink}</summary>
              <form onSubmit={submit((data) => byLink(linkOf(text(data, 'link'))))}>
                <TextInput name="link" label={texts.link} autoComplete="off" required />
                <Button type="submit" variant="default" disabled={busy}>
                  {texts.signIn}
                </Button>
              </form>
              <p>{ways.data?.first === true ? texts.first : texts.lost}</p>
              {ways.data?.first !== true && <pre>signalbox people link PERSON</pre>}
            </details>
          </>
        )}
      </div>
    </main>
  );
}

/** A second step is asked for. */
function stepOf(answer: unknown): string | null {
  return typeof answer === 'object' && answer !== null && 'step' in answer ? String(answer.step) : null;
}

/** An address of the console, and nobody else's. */
function isOwn(address: string | undefined): address is string {
  return address !== undefined && /^\/(?![/\\])/.test(address);
}
