import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { Failure } from '../../parts/Failure.tsx';
import { texts } from '../../texts/sign-in.ts';
import classes from './SignIn.module.css';

/** How one proves who one is. A link signs in by itself; it stands behind the `#`, which no server and no log is sent. */
export function SignIn() {
  const { from } = useSearch({ from: '/sign-in' });
  const client = useQueryClient();
  const navigate = useNavigate();
  const [link, setLink] = useState(linkOf(window.location.hash));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(link !== '');
  const begun = useRef(false);

  const signIn = async (text: string) => {
    setBusy(true);
    setError(null);
    try {
      await answerOf(api.POST('/api/sign-in/link', { body: { link: text } }));
      client.clear();
      await navigate({ to: from ?? '/today', replace: true });
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  useEffect(() => {
    if (begun.current || link === '') return;
    begun.current = true;
    window.history.replaceState(null, '', window.location.pathname + window.location.search);
    void signIn(link);
  });

  return (
    <main className={classes.screen}>
      <div className={classes.box}>
        <img src="/icon.svg" width="36" height="36" alt="" />
        <h1>{texts.title}</h1>
        {busy ? (
          <p role="status">{texts.signingIn}</p>
        ) : (
          <>
            {error !== null && <Failure error={error} />}
            <p>{texts.byLink}</p>
            <form
              onSubmit={(event) => {
                event.preventDefault();
                void signIn(linkOf(link));
              }}
            >
              <label htmlFor="link">{texts.link}</label>
              <input
                id="link"
                value={link}
                autoComplete="off"
                spellCheck={false}
                onChange={({ currentTarget }) => setLink(currentTarget.value)}
              />
              <Button type="submit" disabled={link.trim() === ''}>
                {texts.signIn}
              </Button>
            </form>
            <p className={classes.hint}>{texts.lost}</p>
            <pre>signalbox people link PERSON</pre>
          </>
        )}
      </div>
    </main>
  );
}

/** The link's own part: of `…/sign-in#link=abc`, or as it stands. */
function linkOf(text: string): string {
  const part = /#link=([^&\s]+)/.exec(text)?.[1];
  return part === undefined ? (text.startsWith('#') ? '' : text.trim()) : decodeURIComponent(part);
}
