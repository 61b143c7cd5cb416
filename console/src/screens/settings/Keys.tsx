import { useQuery } from '@tanstack/react-query';
import { answerOf, api } from '../../api/client.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/settings.ts';
import { KeyForm } from './KeyForm.tsx';
import { KeyTable } from './KeyTable.tsx';
import classes from './Settings.module.css';
import { useDo } from './useDo.ts';

/** One's own API keys. */
export function Keys() {
  const list = useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/me/keys', { signal })),
  });
  const { run } = useDo('keys');
  return (
    <section className={classes.section} aria-labelledby="keys">
      <h2 id="keys">{texts.keys.title}</h2>
      <p className={classes.hint}>{texts.keys.about}</p>
      {list.isPending ? (
        <Waiting rows={4} />
      ) : list.data === undefined ? (
        <Failure error={list.error} retry={() => void list.refetch()} />
      ) : (
        <KeyTable
          keys={list.data.keys}
          name="keys"
          revoke={(id) =>
            run(async () => {
              await api.DELETE('/api/me/keys/{id}', { params: { path: { id } } });
              return texts.keys.revoked;
            })
          }
        />
      )}
      <KeyForm
        make={async (order) => (await answerOf(api.POST('/api/me/keys', { body: order }))).key}
        stale="keys"
      />
    </section>
  );
}
