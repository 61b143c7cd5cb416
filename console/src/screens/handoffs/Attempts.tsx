import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { type Attempts as Answer, attemptsAt } from '../../api/house.ts';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import classes from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { type Mood, State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/handoffs.ts';
import { attemptColumns } from './columns.ts';

/** What draws charts is loaded where one is drawn. */
const Charts = lazy(async () => ({ default: (await import('./Charts.tsx')).Charts }));

const rowsShown = 10;
const { columns } = texts.attempts;

/** What came of the recent attempts: over time, and one by one. */
export function Attempts({ destination }: { readonly destination: string }) {
  const { data, error, isPending, refetch } = useQuery({
    ...attemptsAt(destination),
    refetchInterval: 30_000,
  });
  return (
    <section className={classes.section} aria-labelledby="recent">
      <div className={classes.sectionHead}>
        <h2 id="recent">{texts.recent}</h2>
        <span className={classes.space} />
        {data !== undefined && data.attempts.length > 0 && (
          <ExportButton
            name={`attempts-at-${destination}`}
            columns={attemptColumns}
            rows={async () => data.attempts}
          />
        )}
      </div>
      {isPending ? (
        <Waiting rows={2} height={110} />
      ) : data === undefined ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : data.attempts.length === 0 ? (
        <p className={classes.dim}>{texts.noAttempts}</p>
      ) : (
        <>
          <Suspense fallback={<Waiting rows={2} height={110} />}>
            <Charts steps={data.steps} />
          </Suspense>
          <Table attempts={data.attempts} />
        </>
      )}
    </section>
  );
}

const moods: Readonly<Record<string, Mood>> = {
  accepted: 'good',
  rejected: 'bad',
  unknown: 'warn',
  not_sent: 'warn',
};

function Table({ attempts }: { readonly attempts: Answer['attempts'] }) {
  const [shown, setShown] = useState(rowsShown);
  const rows = attempts.slice(0, shown);
  return (
    <>
      <h3>{texts.attempts.title}</h3>
      <table className={classes.list}>
        <thead>
          <tr>
            <th scope="col">{columns.handoff}</th>
            <th scope="col">{columns.result}</th>
            <th scope="col">{columns.said}</th>
            <th scope="col" className={classes.right}>
              {columns.attempt}
            </th>
            <th scope="col" className={classes.right}>
              {columns.took}
            </th>
            <th scope="col" className={classes.right}>
              {columns.when}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.ticket_id}/${row.handoff_seq}/${row.attempt}`}>
              <th scope="row">
                <Link to="/tickets/$id" params={{ id: row.ticket_id }}>
                  {row.handoff}
                </Link>
              </th>
              <td>
                <Result of={row.result} />
              </td>
              <td>
                <span className={classes.stack}>
                  {row.status !== null && <span>{texts.attempts.status(row.status)}</span>}
                  {row.detail !== null && <Foreign text={row.detail} chars={200} />}
                </span>
              </td>
              <td className={classes.right}>
                <span className={classes.label}>{columns.attempt}</span>
                {row.attempt}
              </td>
              <td className={classes.right}>
                {row.ended_at !== null && texts.ms(Date.parse(row.ended_at) - Date.parse(row.started_at))}
              </td>
              <td className={classes.right}>
                <Moment at={row.started_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length < attempts.length && (
        <Button
          size="compact-sm"
          variant="default"
          className={classes.crumb ?? ''}
          onClick={() => setShown(attempts.length)}
        >
          {texts.attempts.more(attempts.length - rows.length)}
        </Button>
      )}
    </>
  );
}

function Result({ of }: { readonly of: Answer['attempts'][number]['result'] }) {
  if (of === null) return <State state={texts.attempts.underWay} mood="calm" />;
  return <State state={texts.series[of]} mood={moods[of] ?? 'calm'} />;
}
