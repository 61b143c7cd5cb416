import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import { type Chain, inventory } from '../../api/house.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Failure } from '../../parts/Failure.tsx';
import classes from '../../parts/list.module.css';
import { PersonLink } from '../../parts/PersonLink.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/map.ts';
import { Health } from '../inventory/Health.tsx';

/** The workflows, as a way to each one's map; where there is one, that is it. */
export function Maps() {
  useFresh(['inventory'], 2_000);
  const { data: chains, error, isPending, refetch } = useQuery(inventory);
  if (isPending) return <Waiting rows={6} />;
  const [only, ...others] = chains ?? [];
  if (only !== undefined && others.length === 0) {
    return <Navigate to="/map/$workflow" params={{ workflow: only.workflow }} replace />;
  }
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>{texts.title}</h1>
        <p className={classes.dim}>{texts.lead}</p>
      </header>
      {chains === undefined ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : chains.length === 0 ? (
        <Empty title={texts.none.title}>
          <p>{texts.none.text}</p>
        </Empty>
      ) : (
        <Workflows chains={chains} />
      )}
    </div>
  );
}

function Workflows({ chains }: { readonly chains: readonly Chain[] }) {
  return (
    <table className={classes.list}>
      <thead>
        <tr>
          <th scope="col">{texts.columns.workflow}</th>
          <th scope="col">{texts.columns.health}</th>
          <th scope="col">{texts.columns.owner}</th>
          <th scope="col" className={classes.right}>
            {texts.columns.received}
          </th>
          <th scope="col" className={classes.right}>
            {texts.columns.open}
          </th>
        </tr>
      </thead>
      <tbody>
        {chains.map((chain) => (
          <tr key={chain.workflow}>
            <th scope="row">
              <Link to="/map/$workflow" params={{ workflow: chain.workflow }}>
                {chain.workflow}
              </Link>
              <div className={classes.small}>{chain.summary}</div>
            </th>
            <td>
              <Health of={chain.health} />
            </td>
            <td>
              <PersonLink of={chain.owner} />
            </td>
            <td className={classes.right}>
              <span className={classes.label}>{texts.columns.received}</span>
              {chain.received.toLocaleString('en')}
            </td>
            <td className={classes.right}>
              <span className={classes.label}>{texts.columns.open}</span>
              {chain.exceptions_open.toLocaleString('en')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
