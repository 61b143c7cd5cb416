import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { History } from '../../api/house.ts';
import { me } from '../../api/me.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import classes from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { State } from '../../parts/State.tsx';
import { texts } from '../../texts/map.ts';
import { RollBack } from './RollBack.tsx';
import { shortVersion } from './version.ts';

const rowsShown = 6;
const { columns, kinds } = texts.versions;

/** Who put which version in force, when and why, newest first. */
export function Deployments(props: { readonly history: History; readonly owners: readonly string[] }) {
  const { history, owners } = props;
  const [all, setAll] = useState(false);
  const [back, setBack] = useState<string | null>(null);
  const may = useMayDeploy(owners);
  const versions = new Map(history.versions.map((version) => [version.version, version]));
  const rows = all ? history.deployments : history.deployments.slice(0, rowsShown);
  const hidden = history.deployments.length - rows.length;
  // A version may have been put in force more than once: the way back stands where it was last.
  const latest = new Map(history.deployments.toReversed().map(({ id, version }) => [version, id]));
  if (rows.length === 0) return <p className={classes.dim}>{texts.versions.none}</p>;
  return (
    <>
      <table className={classes.list}>
        <thead>
          <tr>
            <th scope="col">{columns.version}</th>
            <th scope="col">{columns.when}</th>
            <th scope="col">{columns.who}</th>
            <th scope="col">{columns.how}</th>
            <th scope="col">{columns.why}</th>
            <th scope="col" className={classes.right}>
              {columns.open}
            </th>
            {may && <td />}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const stored = row.version === null ? undefined : versions.get(row.version);
            const last = latest.get(row.version) === row.id;
            return (
              <tr key={row.id}>
                <th scope="row">
                  {row.version === null ? (
                    texts.versions.removed
                  ) : (
                    <span className={classes.stack}>
                      <code title={row.version}>{shortVersion(row.version)}</code>
                      {last && stored?.active === true && (
                        <State state={texts.versions.inForce} mood="good" />
                      )}
                    </span>
                  )}
                </th>
                <td>
                  <Moment at={row.deployed_at} />
                </td>
                <td>
                  <Ref of={row.deployed_by} />
                </td>
                <td>{kinds[row.kind]}</td>
                <td>
                  <Foreign text={row.reason} chars={200} />
                </td>
                <td className={classes.right}>
                  <span className={classes.label}>{columns.open}</span>
                  {last ? (stored?.open_tickets ?? 0).toLocaleString('en') : ''}
                </td>
                {may && (
                  <td className={classes.right}>
                    {last && stored?.active === false && (
                      <Button size="compact-xs" variant="default" onClick={() => setBack(row.version)}>
                        {texts.versions.roll}
                      </Button>
                    )}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      {hidden > 0 && (
        <Button
          size="compact-sm"
          variant="default"
          className={classes.crumb ?? ''}
          onClick={() => setAll(true)}
        >
          {texts.versions.more(hidden)}
        </Button>
      )}
      {back !== null && (
        <RollBack
          workflow={history.workflow}
          from={history.versions.find(({ active }) => active)?.version ?? null}
          to={back}
          close={() => setBack(null)}
        />
      )}
    </>
  );
}

/** Who may deploy, and whoever the workflow is of. */
function useMayDeploy(owners: readonly string[]): boolean {
  const answer = useQuery(me).data;
  if (answer === undefined) return false;
  return (
    answer.rights.includes('deploy') ||
    (answer.owner && answer.answers_as.some((ref) => owners.includes(ref)))
  );
}
