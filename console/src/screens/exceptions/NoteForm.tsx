import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { texts } from '../../texts/exceptions.ts';
import classes from './Detail.module.css';
import type { Acts } from './useActs.ts';

/** A note for the record. */
export function NoteForm({ acts }: { readonly acts: Acts }) {
  const [text, setText] = useState('');
  const close = () => acts.setNoting(false);
  const save = async () => {
    if (await acts.note(text)) close();
  };
  return (
    <form
      className={classes.note}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && text.trim() !== '' && !acts.busy)
          void save();
      }}
    >
      <Textarea
        aria-label={texts.acts.note}
        autosize
        minRows={2}
        maxLength={4_000}
        data-autofocus
        autoFocus
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <div className={classes.row}>
        <Button type="submit" size="xs" disabled={text.trim() === '' || acts.busy}>
          {texts.acts.saveNote}
        </Button>
        <Button size="xs" variant="default" onClick={close}>
          {texts.resolve.cancel}
        </Button>
      </div>
    </form>
  );
}
