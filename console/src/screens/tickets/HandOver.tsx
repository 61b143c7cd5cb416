import { Button, NativeSelect } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { useMayWorkOn } from '../../api/me.ts';
import { people, storyOf } from '../../api/queries.ts';
import type { Story } from '../../api/shapes.ts';
import { Icon } from '../../parts/Icon.tsx';
import { notify } from '../../parts/Notices.tsx';
import { ReasonDialog } from '../../parts/ReasonDialog.tsx';
import { texts } from '../../texts/tickets.ts';
import { reachOf } from '../people/reach.ts';

/** Gives a ticket to another owner, with a reason; nothing where nobody answers for it any more, or one may not. */
export function HandOver({ story }: { readonly story: Story }) {
  const [asking, setAsking] = useState(false);
  const mayWork = useMayWorkOn(story);
  if (story.ticket.settled_at !== null || !mayWork) return null;
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<Icon name="person" />}
        onClick={() => setAsking(true)}
      >
        {texts.handOver.title}
      </Button>
      {asking && <HandOverDialog ticket={story.ticket} close={() => setAsking(false)} />}
    </>
  );
}

function HandOverDialog(props: { readonly ticket: Story['ticket']; readonly close: () => void }) {
  const { ticket, close } = props;
  const [to, setTo] = useState('');
  const client = useQueryClient();
  const known = useQuery(people);
  const others = (known.data?.people ?? []).filter(({ ref }) => ref !== ticket.owner);
  const choices = others.map((each) => {
    const { text, mood } = reachOf(each);
    return { value: each.ref, label: mood === 'good' ? each.name : `${each.name} · ${text}` };
  });
  const run = async (reason: string) => {
    const { id } = ticket;
    await answerOf(
      api.POST('/api/tickets/{id}/transfer', { params: { path: { id } }, body: { to, reason } }),
    );
    notify(texts.handOver.done(others.find(({ ref }) => ref === to)?.name ?? to));
    await client.invalidateQueries({ queryKey: storyOf(id).queryKey });
  };
  const does = (
    <>
      <p>{texts.handOver.does}</p>
      <NativeSelect
        mt="sm"
        label={texts.handOver.to}
        required
        value={to}
        data={[{ value: '', label: texts.handOver.choose }, ...choices]}
        onChange={({ currentTarget }) => setTo(currentTarget.value)}
      />
    </>
  );
  return (
    <ReasonDialog
      title={texts.handOver.title}
      does={does}
      label={texts.handOver.reason}
      ready={to !== ''}
      run={run}
      close={close}
    />
  );
}
