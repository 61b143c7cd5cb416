import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { Failure } from '../../parts/Failure.tsx';
import { texts } from '../../texts/settings.ts';
import { Checked } from './Checked.tsx';
import classes from './Settings.module.css';
import { headersOf, type Source } from './source.ts';

/** A delivery as it came, and what is said of it. */
export function Check({ source }: { readonly source: Source }) {
  const [headers, setHeaders] = useState('content-type: application/json\n');
  const [body, setBody] = useState('');
  const [method, setMethod] = useState('POST');
  const [url, setUrl] = useState('');
  const parsed = headersOf(headers);
  const check = useMutation({
    mutationFn: (given: Readonly<Record<string, string>>) =>
      answerOf(
        api.POST('/api/sources/{key}/check', {
          params: { path: { key: source.key } },
          body: { headers: { ...given }, body, method, ...(url.trim() !== '' && { url: url.trim() }) },
        }),
      ),
  });
  const bad = 'bad' in parsed ? parsed.bad : null;
  return (
    <section className={classes.panel} aria-labelledby="check">
      <h3 id="check">{texts.check.title}</h3>
      <p className={classes.hint}>{texts.check.about}</p>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if ('headers' in parsed) check.mutate(parsed.headers);
        }}
      >
        <div className={classes.pair}>
          <Textarea
            label={texts.check.headers}
            description={texts.check.headersHint}
            error={bad === null ? undefined : texts.check.badHeader(bad.slice(0, 60))}
            autosize
            minRows={4}
            maxRows={14}
            spellCheck={false}
            classNames={{ input: classes.code ?? '' }}
            value={headers}
            onChange={({ currentTarget }) => setHeaders(currentTarget.value)}
          />
          <Textarea
            label={texts.check.body}
            description={texts.check.bodyHint}
            autosize
            minRows={4}
            maxRows={14}
            spellCheck={false}
            classNames={{ input: classes.code ?? '' }}
            value={body}
            onChange={({ currentTarget }) => setBody(currentTarget.value)}
          />
        </div>
        <details className={classes.fold}>
          <summary>{texts.check.more}</summary>
          <div className={classes.fields}>
            <NativeSelect
              label={texts.check.method}
              data={['POST', 'GET', 'PUT']}
              value={method}
              onChange={({ currentTarget }) => setMethod(currentTarget.value)}
            />
            <TextInput
              label={texts.check.url}
              description={texts.check.urlHint}
              placeholder={`${window.location.origin}${source.path ?? ''}`}
              className={classes.grow ?? ''}
              value={url}
              onChange={({ currentTarget }) => setUrl(currentTarget.value)}
            />
          </div>
        </details>
        <div className={classes.acts}>
          <Button type="submit" disabled={bad !== null || check.isPending}>
            {check.isPending ? texts.check.running : texts.check.run}
          </Button>
        </div>
      </form>
      <div aria-live="polite">
        {check.error !== null && <Failure error={check.error} />}
        {check.data !== undefined && <Checked answer={check.data} />}
      </div>
    </section>
  );
}
