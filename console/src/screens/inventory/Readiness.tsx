import { useQuery } from '@tanstack/react-query';
import { readiness } from '../../api/house.ts';
import { Failure } from '../../parts/Failure.tsx';
import classes from '../../parts/list.module.css';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts as all } from '../../texts/inventory.ts';

const texts = all.readiness;

/** Whether this server can do its work, point by point. */
export function Readiness() {
  const { data, error, isPending, refetch } = useQuery({ ...readiness, refetchInterval: 30_000 });
  return (
    <section className={classes.section} aria-labelledby="readiness">
      <div className={classes.sectionHead}>
        <h2 id="readiness">{texts.title}</h2>
        {data !== undefined && (
          <State state={data.ready ? texts.ready : texts.notReady} mood={data.ready ? 'good' : 'bad'} />
        )}
      </div>
      {isPending && <Waiting rows={3} />}
      {data === undefined && error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && (
        <table className={classes.list}>
          <thead>
            <tr>
              <th scope="col">{texts.columns.name}</th>
              <th scope="col">{texts.columns.state}</th>
              <th scope="col">{texts.columns.why}</th>
            </tr>
          </thead>
          <tbody>
            {data.checks.map(({ name, ok, why, advisory }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  {ok ? (
                    <State state={texts.ok} mood="good" />
                  ) : (
                    <State
                      state={advisory === true ? texts.told : texts.bad}
                      mood={advisory ? 'warn' : 'bad'}
                    />
                  )}
                </td>
                <td>{why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
