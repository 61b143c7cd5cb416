import { Link } from '@tanstack/react-router';
import type { Chain } from '../../api/house.ts';
import classes from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { span } from '../../parts/moments.ts';
import { PersonLink } from '../../parts/PersonLink.tsx';
import { texts } from '../../texts/inventory.ts';
import { Health } from './Health.tsx';

const { columns } = texts;

export function Chains({ rows }: { readonly rows: readonly Chain[] }) {
  return (
    <table className={classes.list}>
      <thead>
        <tr>
          <th scope="col">{columns.workflow}</th>
          <th scope="col">{columns.health}</th>
          <th scope="col">{columns.source}</th>
          <th scope="col">{columns.destinations}</th>
          <th scope="col">{columns.owner}</th>
          <th scope="col">{columns.lastSeen}</th>
          <th scope="col" className={classes.right}>
            {columns.received}
          </th>
          <th scope="col" className={classes.right}>
            {columns.done}
          </th>
          <th scope="col" className={classes.right}>
            {columns.open}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((chain) => (
          <Row key={chain.workflow} chain={chain} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ chain }: { readonly chain: Chain }) {
  const { workflow } = chain;
  return (
    <tr>
      <th scope="row">
        <Link to="/map/$workflow" params={{ workflow }}>
          {workflow}
        </Link>
        <div className={classes.small}>{chain.summary}</div>
      </th>
      <td>
        <Health of={chain.health} />
      </td>
      <td>
        <span className={classes.label}>{columns.source}</span>
        <Link to="/tickets" search={{ source: chain.source }}>
          {chain.source}
        </Link>
      </td>
      <td>
        <span className={classes.label}>{columns.destinations}</span>
        {chain.destinations.length === 0 && <span className={classes.small}>{texts.noDestinations}</span>}
        <span className={classes.stack}>
          {chain.destinations.map((destination) => (
            <Link key={destination} to="/handoffs/$destination" params={{ destination }}>
              {destination}
            </Link>
          ))}
        </span>
      </td>
      <td>
        <PersonLink of={chain.owner} />
        <div className={classes.small} title={texts.alternate}>
          <PersonLink of={chain.alternate} />
        </div>
      </td>
      <td>
        <span className={classes.label}>{columns.lastSeen}</span>
        {chain.last_seen_at === null ? texts.notSeen : <Moment at={chain.last_seen_at} />}
        {chain.expected_every_ms !== null && (
          <div className={classes.small}>{texts.expected(span(chain.expected_every_ms))}</div>
        )}
      </td>
      <td className={classes.right}>
        <span className={classes.label}>{columns.received}</span>
        {chain.received.toLocaleString('en')}
      </td>
      <td className={classes.right}>
        <span className={classes.label}>{columns.done}</span>
        {chain.done.toLocaleString('en')}
      </td>
      <td className={classes.right}>
        <span className={classes.label}>{columns.open}</span>
        {chain.exceptions_open === 0 ? (
          '0'
        ) : (
          <Link to="/exceptions" search={{ workflow }}>
            {chain.exceptions_open.toLocaleString('en')}
          </Link>
        )}
      </td>
    </tr>
  );
}
