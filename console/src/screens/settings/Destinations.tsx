import { useQuery } from '@tanstack/react-query';
import { type Destination, destinations } from '../../api/house.ts';
import { ColumnNames } from '../../parts/ColumnNames.tsx';
import type { Column } from '../../parts/csv.ts';
import { Empty } from '../../parts/Empty.tsx';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Listed } from '../../parts/Listed.tsx';
import listClasses from '../../parts/list.module.css';
import { span } from '../../parts/moments.ts';
import { type Mood, State } from '../../parts/State.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';

/** How each destination is reached. What goes there now is told on a screen of its own. */
export function Destinations() {
  useFresh(['destinations']);
  const list = useQuery(destinations);
  const rows = list.data ?? [];
  const names = texts.destinations.columns;
  return (
    <section className={classes.section} aria-labelledby="destinations">
      <header className={classes.titleRow}>
        <h2 id="destinations">{texts.destinations.title}</h2>
        <span className={classes.space} />
        <ExportButton name="destinations" columns={columns} rows={async () => rows} />
      </header>
      <p className={classes.hint}>{texts.destinations.about}</p>
      <Listed
        list={list}
        waiting={{ rows: 5 }}
        isEmpty={rows.length === 0}
        nothing={
          <Empty title={texts.destinations.nothing.title}>
            <p>{texts.destinations.nothing.text}</p>
          </Empty>
        }
      >
        <table className={`${listClasses.list} ${classes.list}`}>
          <ColumnNames of={Object.values(names)} />
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">
                  {row.key}
                  <span className={classes.under}>{row.summary ?? texts.destinations.left}</span>
                </th>
                <td data-name={names.url}>
                  <code className={classes.long}>
                    {row.url === '' ? texts.destinations.secretAddress : row.url}
                  </code>
                </td>
                <td data-name={names.auth}>{row.scheme ?? texts.none}</td>
                <td data-name={names.state} title={row.reason}>
                  <State state={texts.destinations.states[row.state]} mood={moods[row.state]} />
                </td>
                <td data-name={names.key}>{row.idempotency_header}</td>
                <td data-name={names.timeout}>{row.timeout_ms !== null && span(row.timeout_ms)}</td>
                <td data-name={names.pace}>{paceOf(row)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Listed>
    </section>
  );
}

const moods: Readonly<Record<Destination['state'], Mood>> = {
  closed: 'good',
  open: 'bad',
  recovering: 'warn',
  paused: 'warn',
};

function paceOf({ concurrency, rate }: Destination): string {
  const atOnce = texts.destinations.atOnce(concurrency);
  return rate === null ? atOnce : `${atOnce}, ${texts.destinations.rate(rate.requests, span(rate.per_ms))}`;
}

const columns: readonly Column<Destination>[] = [
  { name: 'key', value: (row) => row.key },
  { name: 'summary', value: (row) => row.summary },
  { name: 'url', value: (row) => row.url },
  { name: 'scheme', value: (row) => row.scheme },
  { name: 'state', value: (row) => row.state },
  { name: 'reason', value: (row) => row.reason },
  { name: 'idempotency_header', value: (row) => row.idempotency_header },
  { name: 'timeout_ms', value: (row) => row.timeout_ms },
  { name: 'concurrency', value: (row) => row.concurrency },
];
