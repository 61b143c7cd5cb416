import { Button, NativeSelect } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { mapOf, type WorkflowMapFigures } from '../../api/house.ts';
import { workflows } from '../../api/queries.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Icon } from '../../parts/Icon.tsx';
import classes from '../../parts/list.module.css';
import { PersonLink } from '../../parts/PersonLink.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/map.ts';
import { LadderList } from './LadderList.tsx';
import { type MapRung, rungsOf } from './rungs.ts';
import { type MapSearch, mapSearchOf, windowsMs } from './search.ts';
import { Versions } from './Versions.tsx';

/** What draws is loaded where it is drawn. */
const Drawing = lazy(async () => ({ default: (await import('./Drawing.tsx')).Drawing }));

/** One workflow from trigger to outcome, as it runs; and the versions that it had. */
export function WorkflowMap() {
  const { workflow } = useParams({ from: '/frame/map/$workflow' });
  const search = useSearch({ from: '/frame/map/$workflow' });
  useFresh(['map', 'history'], 1_500);
  const map = useQuery({
    ...mapOf(workflow, windowsMs[search.window ?? '1d']),
    placeholderData: keepPreviousData,
    // Tickets grow too old for the time shown, though nothing changes.
    refetchInterval: 60_000,
  });
  return (
    <div className={classes.page}>
      <Head workflow={workflow} search={search} map={map.data} />
      {map.data === undefined && map.error !== null ? (
        <Failure error={map.error} retry={() => void map.refetch()} />
      ) : map.data === undefined ? (
        <Waiting rows={10} height={52} />
      ) : (
        <TheMap map={map.data} asList={search.as === 'list'} />
      )}
      <Versions workflow={workflow} search={search} />
    </div>
  );
}

function TheMap({ map, asList }: { readonly map: WorkflowMapFigures; readonly asList: boolean }) {
  const narrow = useMediaQuery('(max-width: 800px)', undefined, { getInitialValueInEffect: false });
  const rungs = rungsOf(map);
  const list = <LadderList rungs={rungs} workflow={map.workflow} />;
  if (narrow || asList) return list;
  return (
    <Suspense fallback={<Waiting rows={10} height={52} />}>
      <Drawing rungs={rungs} workflow={map.workflow} />
    </Suspense>
  );
}

function Head(props: {
  readonly workflow: string;
  readonly search: MapSearch;
  readonly map: WorkflowMapFigures | undefined;
}) {
  const { workflow, search, map } = props;
  const navigate = useNavigate();
  const known = useQuery(workflows);
  const names = known.data?.workflows.map(({ name }) => name) ?? [workflow];
  const show = (change: Readonly<Record<string, string>>, to = workflow) =>
    void navigate({
      to: '/map/$workflow',
      params: { workflow: to },
      search: mapSearchOf({ ...search, ...change }),
      replace: to === workflow,
    });
  return (
    <header className={classes.head}>
      <div className={classes.title}>
        <h1>{workflow}</h1>
        <span className={classes.space} />
        {names.length > 1 && (
          <NativeSelect
            size="xs"
            aria-label={texts.workflow}
            value={workflow}
            data={names}
            onChange={({ currentTarget }) => show({ from: '', to: '' }, currentTarget.value)}
          />
        )}
        <NativeSelect
          size="xs"
          aria-label={texts.window}
          value={search.window ?? '1d'}
          data={Object.entries(texts.windows).map(([value, label]) => ({ value, label }))}
          onChange={({ currentTarget }) => show({ window: currentTarget.value })}
        />
        <Button
          size="compact-sm"
          variant="default"
          visibleFrom="sm"
          leftSection={<Icon name={search.as === 'list' ? 'map' : 'list'} />}
          onClick={() => show({ as: search.as === 'list' ? '' : 'list' })}
        >
          {search.as === 'list' ? texts.asDrawing : texts.asList}
        </Button>
      </div>
      {map !== undefined && (
        <>
          <p className={classes.dim}>{map.summary}</p>
          <p className={classes.stack}>
            <span className={classes.dim}>{texts.owner}</span> <PersonLink of={map.owner} />
            <span className={classes.dim}>{texts.alternate}</span> <PersonLink of={map.alternate} />
          </p>
          <Figures map={map} rungs={rungsOf(map)} />
        </>
      )}
    </header>
  );
}

function Figures({ map, rungs }: { map: WorkflowMapFigures; rungs: readonly MapRung[] }) {
  const open = rungs.reduce((sum, rung) => sum + rung.open, 0);
  const all = [
    { name: texts.figures.received, value: map.received },
    { name: texts.figures.done, value: map.done },
    { name: texts.figures.underway, value: map.underway },
    { name: texts.figures.open, value: open, bad: open > 0 },
  ];
  return (
    <dl className={classes.figures}>
      {all.map(({ name, value, bad = false }) => (
        <div key={name} data-bad={bad}>
          <dt>{name}</dt>
          <dd>{value.toLocaleString('en')}</dd>
        </div>
      ))}
    </dl>
  );
}
