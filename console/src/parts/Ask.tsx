import { Modal, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { texts } from '../texts/parts.ts';
import { Foreign } from './Foreign.tsx';
import { FormActs } from './FormActs.tsx';
import classes from './parts.module.css';

interface AskProps {
  readonly opened: boolean;
  readonly close: () => void;
  readonly title: string;
  /** What it is about, where the title does not say. */
  readonly about?: string;
  readonly label: string;
  readonly hint?: string;
  readonly submit: string;
  readonly charsMax: number;
  /** A sentence needs more room than a name. */
  readonly long?: boolean;
  /** What resolves to false was not taken, and what was typed stays. */
  readonly answer: (text: string) => unknown;
}

/** Asks for one text, in a dialog. */
export function Ask({ opened, close, title, ...question }: AskProps) {
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': texts.close }}>
      {opened && <Question close={close} {...question} />}
    </Modal>
  );
}

function Question({
  close,
  about = '',
  label,
  hint,
  submit,
  charsMax,
  long,
  answer,
}: Omit<AskProps, 'opened' | 'title'>) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const given = text.trim();
  const submitted = async () => {
    setBusy(true);
    const refused = (await answer(given)) === false;
    setBusy(false);
    if (!refused) close();
  };
  const field = {
    label,
    description: hint,
    required: true,
    maxLength: charsMax,
    value: text,
    'data-autofocus': true,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      setText(event.currentTarget.value),
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (given !== '' && !busy) void submitted();
      }}
    >
      {about !== '' && (
        <p>
          <Foreign text={about} chars={400} />
        </p>
      )}
      {long === true ? <Textarea autosize minRows={2} {...field} /> : <TextInput {...field} />}
      <FormActs submit={submit} disabled={given === '' || busy} close={close} />
    </form>
  );
}
