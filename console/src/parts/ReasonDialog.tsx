import { Modal, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { texts } from '../texts/parts.ts';
import { Failure } from './Failure.tsx';
import { FormActs } from './FormActs.tsx';
import classes from './list.module.css';

/** Asks why before something is done that others will ask about; what was written stays until it has been done. */
export function ReasonDialog(props: {
  readonly title: string;
  /** What it does, and what it does not. */
  readonly does: ReactNode;
  readonly label: string;
  /** False while something else is missing than the reason. */
  readonly ready?: boolean;
  readonly run: (reason: string) => Promise<unknown>;
  readonly close: () => void;
}) {
  const { title, does, label, ready = true, run, close } = props;
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async () => {
    setBusy(true);
    try {
      await run(reason.trim());
      close();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title={title} size="md" closeButtonProps={{ 'aria-label': texts.close }}>
      <form
        className={classes.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div>{does}</div>
        <Textarea
          label={label}
          required
          autosize
          minRows={2}
          maxLength={4_000}
          data-autofocus
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        {error !== null && <Failure error={error} />}
        <FormActs submit={title} disabled={busy || !ready || reason.trim() === ''} close={close} />
      </form>
    </Modal>
  );
}
