import { Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { Failure } from '../../parts/Failure.tsx';
import { FormActs } from '../../parts/FormActs.tsx';
import { Once } from '../../parts/Once.tsx';
import { texts as parts } from '../../texts/parts.ts';
import { texts } from '../../texts/settings.ts';
import type { Role } from './accounts.ts';
import { RoleChoice } from './RoleChoice.tsx';
import classes from './Settings.module.css';

/** Roles for a first account, and the link that makes it. */
export function Invite({ person, close }: { readonly person: string | null; readonly close: () => void }) {
  return (
    <Modal
      opened={person !== null}
      onClose={close}
      title={texts.accounts.inviteOf(person ?? '')}
      closeButtonProps={{ 'aria-label': parts.close }}
    >
      {person !== null && <Form person={person} close={close} />}
    </Modal>
  );
}

function Form({ person, close }: { readonly person: string; readonly close: () => void }) {
  const [chosen, setChosen] = useState<readonly Role[]>(['viewer']);
  const client = useQueryClient();
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/accounts/{person}/link', {
          params: { path: { person } },
          body: { roles: [...chosen] },
        }),
      ),
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey: [noun] }) => noun === 'accounts' || noun === 'account-acts',
      }),
  });
  if (data !== undefined) {
    return <Once label={texts.accounts.linkMade(person)} text={data.url} close={close} />;
  }
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <p className={classes.hint}>{texts.accounts.linkAbout}</p>
      <RoleChoice chosen={chosen} choose={setChosen} />
      {error !== null && <Failure error={error} />}
      <FormActs submit={texts.accounts.link} disabled={isPending || chosen.length === 0} close={close} />
    </form>
  );
}
