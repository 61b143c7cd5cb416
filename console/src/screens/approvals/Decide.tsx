import { Modal, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { Failure } from '../../parts/Failure.tsx';
import { FormActs } from '../../parts/FormActs.tsx';
import { notify } from '../../parts/Notices.tsx';
import { texts } from '../../texts/approvals.ts';
import { texts as parts } from '../../texts/parts.ts';
import classes from './Approvals.module.css';
import type { Approval } from './waiting.ts';

interface DecideProps {
  /** Null: closed. */
  readonly answer: 'yes' | 'no' | null;
  readonly close: () => void;
  readonly at: { readonly ticketId: string; readonly handoffSeq: number };
  readonly approval: Approval;
  /** Somebody else has decided it first. */
  readonly raced: () => void;
}

/** The yes or no, with its reason. */
export function Decide({ answer, close, ...rest }: DecideProps) {
  const title = answer === 'no' ? texts.acts.refuseTitle : texts.acts.approveTitle;
  return (
    <Modal
      opened={answer !== null}
      onClose={close}
      title={title}
      closeButtonProps={{ 'aria-label': parts.close }}
    >
      {answer !== null && <Form key={answer} yes={answer === 'yes'} close={close} {...rest} />}
    </Modal>
  );
}

function Form({ yes, close, at, approval, raced }: Omit<DecideProps, 'answer'> & { readonly yes: boolean }) {
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/approvals/{ticketId}/{handoffSeq}', {
          params: { path: at },
          // The digest of what is on the screen: a yes to anything else is refused.
          body: { approve: yes, reason: reason.trim(), digest: approval.digest },
        }),
      ),
    onSuccess: ({ state }) => {
      notify(yes ? (state === 'waiting' ? texts.acts.counted : texts.acts.approved) : texts.acts.refused);
      close();
    },
    onError: (problem) => {
      if (!(problem instanceof Problem) || problem.status !== 409) return;
      raced();
      close();
    },
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ['ticket', at.ticketId] });
      await client.invalidateQueries({ queryKey: ['approvals'] });
    },
  });
  const missing = approval.needed - approval.yes.length - 1;
  const ready = (yes || reason.trim() !== '') && !isPending;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) mutate();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && ready) mutate();
      }}
    >
      <p>{!yes ? texts.acts.refuses : missing > 0 ? texts.acts.counts(missing) : texts.acts.does}</p>
      <Textarea
        label={yes ? texts.acts.reasonYes : texts.acts.reasonNo}
        required={!yes}
        data-autofocus
        autosize
        minRows={2}
        maxLength={4_000}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
      {error !== null && <Failure error={error} />}
      <FormActs
        submit={yes ? texts.acts.approve : texts.acts.refuse}
        disabled={!ready}
        close={close}
        red={!yes}
      />
    </form>
  );
}
