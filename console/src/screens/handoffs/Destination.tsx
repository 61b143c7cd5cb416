import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { type DestinationWithActs, destinationOf } from '../../api/house.ts';
import { useMe } from '../../api/me.ts';
import { Problem } from '../../api/problem.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Icon } from '../../parts/Icon.tsx';
import classes from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { notify } from '../../parts/Notices.tsx';
import { ReasonDialog } from '../../parts/ReasonDialog.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/handoffs.ts';
import { Acts } from './Acts.tsx';
import { Attempts } from './Attempts.tsx';
import { circuitMoods } from './circuit.ts';
import { Facts, Figures } from './Facts.tsx';
import { Queue } from './Queue.tsx';

/** One destination: whether anything is sent to it and why, how it answers, what waits, what was done to it. */
export function Destination() {
  const { destination: key } = useParams({ from: '/frame/handoffs/$destination' });
  useFresh(['destination', 'attempts', 'handoffs-to'], 1_500);
  const { data, error, isPending, refetch } = useQuery({ ...destinationOf(key), refetchInterval: 30_000 });
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <Link to="/handoffs" className={classes.crumb}>
          <Icon name="back" />
          {texts.back}
        </Link>
        <div className={classes.title}>
          <h1>{key}</h1>
          {data !== undefined && (
            <>
              <State state={texts.states[data.state]} mood={circuitMoods[data.state]} />
              <span className={classes.space} />
              <PauseOrResume destination={data} />
            </>
          )}
        </div>
        {data !== undefined && <p className={classes.dim}>{data.summary ?? texts.gone}</p>}
      </header>
      {isPending ? (
        <Waiting rows={8} />
      ) : data === undefined ? (
        error instanceof Problem && error.status === 404 ? (
          <Empty title={texts.noSuch}>
            <Link to="/handoffs">{texts.back}</Link>
          </Empty>
        ) : (
          <Failure error={error} retry={() => void refetch()} />
        )
      ) : (
        <>
          {data.state !== 'closed' && <Standing destination={data} />}
          <Figures of={data} />
          <Attempts destination={key} />
          <Queue destination={key} />
          <Acts acts={data.acts} />
          <Facts of={data} />
        </>
      )}
    </div>
  );
}

/** Why nothing, or little, is sent. */
function Standing({ destination }: { readonly destination: DestinationWithActs }) {
  const { state, reason, since, paused_by: by } = destination;
  return (
    <div className={classes.told} data-mood={state === 'open' ? 'bad' : 'warn'}>
      <strong>
        <Foreign text={reason} chars={600} />
      </strong>
      <span>{texts.stateHelp[state]}</span>
      <span className={classes.stack}>
        {by !== null && <Ref of={by} />}
        {since !== null && (
          <span>
            {texts.since} <Moment at={since} />
          </span>
        )}
      </span>
    </div>
  );
}

function PauseOrResume({ destination }: { readonly destination: DestinationWithActs }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const me = useMe();
  const { key, state } = destination;
  const act = state === 'paused' ? 'resume' : 'pause';
  if (!me.may('work')) return null;
  const run = async (reason: string) => {
    const after = await answerOf(
      api.POST(`/api/destinations/{key}/${act}`, { params: { path: { key } }, body: { reason } }),
    );
    client.setQueryData(destinationOf(key).queryKey, after);
    notify(act === 'pause' ? texts.paused(key) : texts.resumed(key));
    void client.invalidateQueries({ queryKey: ['destinations'] });
  };
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<Icon name={act === 'pause' ? 'pause' : 'play'} />}
        onClick={() => setAsking(true)}
      >
        {texts[act]}
      </Button>
      {asking && (
        <ReasonDialog
          title={act === 'pause' ? texts.pauseTitle(key) : texts.resumeTitle(key)}
          does={act === 'pause' ? texts.pauseDoes : texts.resumeDoes}
          label={texts.why}
          run={run}
          close={() => setAsking(false)}
        />
      )}
    </>
  );
}
