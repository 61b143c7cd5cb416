import { Button, NativeSelect, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Sure } from '../../parts/Sure.tsx';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';
import type { Source } from './source.ts';
import { Would } from './Would.tsx';

const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'application/xml'];

/** A payload that is written here: tried, or sent in earnest. */
export function Send({ source }: { readonly source: Source }) {
  const [body, setBody] = useState('');
  const [type, setType] = useState(types[0] ?? '');
  const [asking, setAsking] = useState(false);
  const send = useMutation({
    mutationFn: async (dry: boolean) =>
      (await answerOf(
        api.POST('/api/triggers', {
          body: { source: source.key, body, content_type: type },
          headers: dry ? { 'signalbox-dry-run': 'true' } : {},
        }),
      )) as Readonly<Record<string, unknown>>,
  });
  const ready = body.trim() !== '' && !send.isPending;
  return (
    <section className={classes.panel} aria-labelledby="send">
      <h3 id="send">{texts.send.title}</h3>
      <p className={classes.hint}>{texts.send.about}</p>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) send.mutate(true);
        }}
      >
        <Textarea
          label={texts.send.payload}
          autosize
          minRows={4}
          maxRows={16}
          spellCheck={false}
          classNames={{ input: classes.code ?? '' }}
          value={body}
          onChange={({ currentTarget }) => setBody(currentTarget.value)}
        />
        <NativeSelect
          label={texts.send.type}
          data={types}
          className={classes.short ?? ''}
          value={type}
          onChange={({ currentTarget }) => setType(currentTarget.value)}
        />
        <div className={classes.acts}>
          <Button type="submit" disabled={!ready}>
            {texts.send.dry}
          </Button>
          <Button variant="default" disabled={!ready} onClick={() => setAsking(true)}>
            {texts.send.real}
          </Button>
        </div>
      </form>
      <div aria-live="polite">
        {send.error !== null && <Failure error={send.error} />}
        {send.data !== undefined && <Answered answer={send.data} />}
      </div>
      <Sure
        opened={asking}
        close={() => setAsking(false)}
        title={texts.send.sure}
        text={texts.send.sureText}
        submit={texts.send.real}
        run={() => send.mutate(false)}
      />
    </section>
  );
}

function Answered({ answer }: { readonly answer: Readonly<Record<string, unknown>> }) {
  if (answer.dry_run === true) {
    return (
      <div className={classes.checked}>
        <strong>{texts.check.would}</strong>
        <Would would={answer} />
      </div>
    );
  }
  const { ticket } = answer;
  return (
    <p className={classes.checked} role="status">
      {texts.send.made}{' '}
      {typeof ticket === 'string' && (
        <Link to="/tickets/$id" params={{ id: ticket }}>
          {texts.send.ticket}
        </Link>
      )}
    </p>
  );
}
