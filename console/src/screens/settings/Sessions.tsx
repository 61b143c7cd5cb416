import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { answerOf, api } from '../../api/client.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Moment } from '../../parts/Moment.tsx';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/settings.ts';
import { agentText } from './agent.ts';
import classes from './Settings.module.css';
import { useDo } from './useDo.ts';

export function Sessions() {
  const told = texts.account.sessions;
  const { run, busy } = useDo('sessions');
  const list = useQuery({
    queryKey: ['sessions'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/me/sessions', { signal })),
  });
  const sessions = list.data?.sessions ?? [];
  return (
    <section className={classes.panel} aria-labelledby="sessions">
      <h3 id="sessions">{told.title}</h3>
      {list.isPending && <Waiting rows={2} height={20} />}
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      <ul className={classes.things}>
        {sessions.map((session) => (
          <li key={session.id}>
            <strong>
              <Foreign text={agentText(session.agent)} chars={80} plain />
            </strong>
            <span className={classes.dim}>
              <Foreign text={session.address} chars={60} plain />, {told.by}{' '}
              {session.proof.replaceAll('_', ' ')}, {told.seen} <Moment at={session.seen_at} />
            </span>
            {session.current ? (
              <State state={told.here} mood="good" />
            ) : (
              <Button
                size="compact-xs"
                variant="default"
                disabled={busy}
                aria-label={told.endOf(agentText(session.agent))}
                onClick={() =>
                  run(async () => {
                    await api.DELETE('/api/me/sessions/{id}', { params: { path: { id: session.id } } });
                    return told.ended;
                  })
                }
              >
                {told.end}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {sessions.length > 1 && (
        <div className={classes.acts}>
          <Button
            variant="default"
            disabled={busy}
            onClick={() =>
              run(async () => told.endedOthers((await answerOf(api.DELETE('/api/me/sessions'))).ended))
            }
          >
            {told.endOthers}
          </Button>
        </div>
      )}
    </section>
  );
}
