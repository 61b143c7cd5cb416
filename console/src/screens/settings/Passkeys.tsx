import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { Ask } from '../../parts/Ask.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Moment } from '../../parts/Moment.tsx';
import { Sure } from '../../parts/Sure.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';
import { useDo } from './useDo.ts';

export function Passkeys() {
  const told = texts.account.passkeys;
  const [naming, setNaming] = useState(false);
  const [asking, setAsking] = useState<{ readonly id: string; readonly name: string } | null>(null);
  const { run, busy } = useDo('me', 'passkeys');
  const list = useQuery({
    queryKey: ['passkeys'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/me/passkeys', { signal })),
  });
  const able = window.isSecureContext && 'PublicKeyCredential' in window;
  return (
    <section className={classes.panel} aria-labelledby="passkeys">
      <h3 id="passkeys">{told.title}</h3>
      <p className={classes.hint}>{told.about}</p>
      {list.isPending && <Waiting rows={2} height={20} />}
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data?.passkeys.length === 0 && <p>{told.none}</p>}
      <ul className={classes.things}>
        {list.data?.passkeys.map(({ id, name, created_at, used_at }) => (
          <li key={id}>
            <strong>{name}</strong>
            <span className={classes.dim}>
              {told.made} <Moment at={created_at} />
              {used_at !== null && (
                <>
                  {', '}
                  {told.used} <Moment at={used_at} />
                </>
              )}
            </span>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={told.removeOf(name)}
              onClick={() => setAsking({ id, name })}
            >
              {told.remove}
            </Button>
          </li>
        ))}
      </ul>
      {able ? (
        <div className={classes.acts}>
          <Button variant="default" disabled={busy} onClick={() => setNaming(true)}>
            {told.add}
          </Button>
        </div>
      ) : (
        <p className={classes.warn}>{told.unable}</p>
      )}
      <Ask
        opened={naming}
        close={() => setNaming(false)}
        title={told.add}
        label={told.name}
        hint={told.nameHint}
        submit={told.add}
        charsMax={100}
        answer={(name) => run(() => addPasskey(name))}
      />
      <Sure
        opened={asking !== null}
        close={() => setAsking(null)}
        title={told.sure}
        text={told.sureText(asking?.name ?? '')}
        submit={told.remove}
        run={() =>
          asking !== null &&
          run(async () => {
            await api.DELETE('/api/me/passkeys/{id}', { params: { path: { id: asking.id } } });
            return told.removed;
          })
        }
      />
    </section>
  );
}

/** The browser makes it, the server keeps its public half. */
async function addPasskey(name: string): Promise<string> {
  const { step, options } = await answerOf(api.POST('/api/me/passkeys/start', { body: {} }));
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  const made = await navigator.credentials.create({ publicKey }).catch((error: unknown) => {
    // Cancelled, or out of time.
    if (error instanceof DOMException) return null;
    throw error;
  });
  if (made === null) return texts.account.passkeys.cancelled;
  const response = { ...(made as PublicKeyCredential).toJSON() };
  await answerOf(api.POST('/api/me/passkeys', { body: { step, name, response } }));
  return texts.account.passkeys.added;
}
