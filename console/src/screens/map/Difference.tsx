import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { differenceOf, type History } from '../../api/house.ts';
import { Failure } from '../../parts/Failure.tsx';
import listClasses from '../../parts/list.module.css';
import { absolute } from '../../parts/moments.ts';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/map.ts';
import classes from './Map.module.css';
import { type MapSearch, mapSearchOf } from './search.ts';
import { shortVersion } from './version.ts';
import { Words } from './Words.tsx';

/** In what two versions differ; at first what is in force and what was before it. Which two stands in the address. */
export function Difference(props: { readonly history: History; readonly search: MapSearch }) {
  const { history, search } = props;
  const navigate = useNavigate();
  const { versions, workflow } = history;
  const { from, to } = chosen(history, search);
  const show = (change: Readonly<Record<string, string>>) =>
    void navigate({
      to: '/map/$workflow',
      params: { workflow },
      search: mapSearchOf({ ...search, from, to, ...change }),
      replace: true,
      resetScroll: false,
    });
  const data = versions.map(({ version, deployed_at }) => ({
    value: version,
    label: `${shortVersion(version)} · ${absolute(Date.parse(deployed_at))}`,
  }));
  if (versions.length < 2) return <p className={listClasses.dim}>{texts.versions.one}</p>;
  return (
    <div className={listClasses.section}>
      <h3>{texts.versions.difference}</h3>
      <div className={classes.chosen}>
        <NativeSelect
          size="xs"
          label={texts.versions.before}
          value={from}
          data={data}
          onChange={({ currentTarget }) => show({ from: currentTarget.value })}
        />
        <NativeSelect
          size="xs"
          label={texts.versions.after}
          value={to}
          data={data}
          onChange={({ currentTarget }) => show({ to: currentTarget.value })}
        />
      </div>
      {from === to ? (
        <p className={listClasses.dim}>{texts.versions.same}</p>
      ) : (
        <Compared workflow={workflow} from={from} to={to} />
      )}
    </div>
  );
}

function Compared({ workflow, from, to }: { workflow: string; from: string; to: string }) {
  const difference = useQuery(differenceOf(workflow, from, to));
  if (difference.isPending) return <Waiting rows={3} height={22} />;
  if (difference.data === undefined) {
    return <Failure error={difference.error} retry={() => void difference.refetch()} />;
  }
  return <Words difference={difference.data} />;
}

/** The two that the address names, as far as there are such; else what is in force and what was before it. Pure. */
function chosen({ versions, deployments }: History, search: MapSearch): { from: string; to: string } {
  const named = (digits: string | undefined) =>
    digits === undefined ? undefined : versions.find(({ version }) => version.startsWith(digits))?.version;
  const active = versions.find((each) => each.active)?.version ?? versions[0]?.version ?? '';
  const last = deployments.find(({ version }) => version === active);
  const known = (version: string | null | undefined) =>
    versions.some((each) => each.version === version) ? (version ?? undefined) : undefined;
  const before =
    known(last?.replaced) ?? versions.find(({ version }) => version !== active)?.version ?? active;
  return { from: named(search.from) ?? before, to: named(search.to) ?? active };
}
