import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Destination, destinations } from '../../api/house.ts';
import { Empty } from '../../parts/Empty.tsx';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import classes from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/handoffs.ts';
import { circuitMoods } from './circuit.ts';
import { destinationColumns } from './columns.ts';

const { columns } = texts;
const trouble = ['open', 'paused', 'recovering', 'closed'];

/** Where handoffs go: those in trouble first. */
export function Handoffs() {
  useFresh(['destinations'], 1_500);
  const { data, error, isPending, refetch } = useQuery({ ...destinations, refetchInterval: 30_000 });
  const rows = data?.toSorted(
    (a, b) => trouble.indexOf(a.state) - trouble.indexOf(b.state) || b.queued - a.queued,
  );
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div className={classes.title}>
          <h1>{texts.title}</h1>
          <span className={classes.space} />
          <ExportButton name="destinations" columns={destinationColumns} rows={async () => rows ?? []} />
        </div>
        <p className={classes.dim}>{texts.lead}</p>
      </header>
      {isPending ? (
        <Waiting rows={5} height={48} />
      ) : rows === undefined ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : rows.length === 0 ? (
        <Empty title={texts.none.title}>
          <p>{texts.none.text}</p>
        </Empty>
      ) : (
        <Destinations rows={rows} />
      )}
    </div>
  );
}

function Destinations({ rows }: { readonly rows: readonly Destination[] }) {
  return (
    <table className={classes.list}>
      <thead>
        <tr>
          <th scope="col">{columns.destination}</th>
          <th scope="col">{columns.state}</th>
          <th scope="col" className={classes.right}>
            {columns.queued}
          </th>
          <th scope="col" className={classes.right}>
            {columns.inFlight}
          </th>
          <th scope="col" className={classes.right}>
            {columns.results}
          </th>
          <th scope="col" className={classes.right}>
            {columns.latency}
          </th>
          <th scope="col" className={classes.right}>
            {columns.oldest}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">
              <Link to="/handoffs/$destination" params={{ destination: row.key }}>
                {row.key}
              </Link>
              <div className={classes.small}>{row.summary ?? texts.gone}</div>
            </th>
            <td>
              <State state={texts.states[row.state]} mood={circuitMoods[row.state]} />
              {row.state !== 'closed' && (
                <div className={classes.small}>
                  <Foreign text={row.reason} chars={160} />
                </div>
              )}
            </td>
            <td className={classes.right}>
              <span className={classes.label}>{columns.queued}</span>
              {row.queued.toLocaleString('en')}
            </td>
            <td className={classes.right}>
              <span className={classes.label}>{columns.inFlight}</span>
              {row.in_flight.toLocaleString('en')}
            </td>
            <td className={classes.right}>
              <span className={classes.label}>{columns.results}</span>
              {`${row.succeeded.toLocaleString('en')} / ${row.failed.toLocaleString('en')}`}
            </td>
            <td className={classes.right}>
              <span className={classes.label}>{columns.latency}</span>
              {row.p50_ms === null || row.p99_ms === null
                ? '–'
                : `${texts.ms(row.p50_ms)} / ${texts.ms(row.p99_ms)}`}
            </td>
            <td className={classes.right}>
              {row.oldest_due_at !== null && (
                <>
                  <span className={classes.label}>{columns.oldest}</span>
                  <Moment at={row.oldest_due_at} />
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
