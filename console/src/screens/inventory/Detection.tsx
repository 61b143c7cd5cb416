import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { detection } from '../../api/house.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import classes from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts as all } from '../../texts/inventory.ts';

const texts = all.detection;
const { columns } = texts;

/** What Signalbox looks for by itself, when each was last looked for, and what is open. */
export function Detection() {
  useFresh(['detection'], 5_000);
  const { data, error, isPending, refetch } = useQuery({ ...detection, refetchInterval: 60_000 });
  const open = new Map(data?.open.map(({ mode, findings }) => [mode, findings]));
  return (
    <section className={classes.section} aria-labelledby="detection">
      <div className={classes.sectionHead}>
        <h2 id="detection">{texts.title}</h2>
        <span className={classes.small}>{texts.lead}</span>
      </div>
      {isPending && <Waiting rows={4} />}
      {data === undefined && error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && (
        <table className={classes.list}>
          <thead>
            <tr>
              <th scope="col">{columns.name}</th>
              <th scope="col">{columns.succeeded}</th>
              <th scope="col">{columns.due}</th>
              <th scope="col" className={classes.right}>
                {columns.open}
              </th>
              <th scope="col">{columns.trouble}</th>
            </tr>
          </thead>
          <tbody>
            {data.detectors.map(({ name, mode, succeeded_at, due_at, error: trouble }) => (
              <tr key={name}>
                <th scope="row">{mode.replaceAll('_', ' ')}</th>
                <td>
                  <span className={classes.label}>{columns.succeeded}</span>
                  {succeeded_at === null ? texts.never : <Moment at={succeeded_at} />}
                </td>
                <td>
                  <span className={classes.label}>{columns.due}</span>
                  {due_at !== null && <Moment at={due_at} />}
                </td>
                <td className={classes.right}>
                  <span className={classes.label}>{columns.open}</span>
                  {(open.get(mode) ?? 0) === 0 ? (
                    '0'
                  ) : (
                    <Link to="/exceptions" search={{ mode }}>
                      {open.get(mode)?.toLocaleString('en')}
                    </Link>
                  )}
                </td>
                <td>{trouble !== null && <Foreign text={trouble} chars={300} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
