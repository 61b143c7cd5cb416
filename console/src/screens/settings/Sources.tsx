import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { sources } from '../../api/queries.ts';
import { ColumnNames } from '../../parts/ColumnNames.tsx';
import { Empty } from '../../parts/Empty.tsx';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Listed } from '../../parts/Listed.tsx';
import listClasses from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';
import { expectationOf, proofOf, sourceColumns } from './source.ts';

/** What may send: where, how it proves itself, how often it is expected. */
export function Sources() {
  useFresh(['sources']);
  const list = useQuery(sources);
  const rows = list.data?.sources ?? [];
  const names = texts.sources.columns;
  return (
    <section className={classes.section} aria-labelledby="sources">
      <header className={classes.titleRow}>
        <h2 id="sources">{texts.sources.title}</h2>
        <span className={classes.space} />
        <ExportButton name="sources" columns={sourceColumns} rows={async () => rows} />
      </header>
      <Listed
        list={list}
        waiting={{ rows: 5 }}
        isEmpty={rows.length === 0}
        nothing={
          <Empty title={texts.sources.nothing.title}>
            <p>{texts.sources.nothing.text}</p>
          </Empty>
        }
      >
        <table className={`${listClasses.list} ${classes.list}`}>
          <ColumnNames
            of={[
              names.name,
              names.address,
              names.proof,
              names.expects,
              names.seen,
              names.workflow,
              names.owner,
            ]}
          />
          <tbody>
            {rows.map((source) => (
              <tr key={source.key}>
                <th scope="row">
                  <Link to="/settings/sources/$key" params={{ key: source.key }}>
                    {source.key}
                  </Link>
                  <span className={classes.under}>{source.summary}</span>
                </th>
                <td data-name={names.address}>
                  {source.path === null ? (
                    source.poll !== null && texts.sources.polled(source.poll.from)
                  ) : (
                    <code>{source.path}</code>
                  )}
                </td>
                <td data-name={names.proof}>{proofOf(source)}</td>
                <td data-name={names.expects}>{expectationOf(source)}</td>
                <td data-name={names.seen}>
                  {source.last_seen_at === null ? texts.never : <Moment at={source.last_seen_at} />}
                </td>
                <td data-name={names.workflow}>{source.workflow ?? texts.sources.noWorkflow}</td>
                <td data-name={names.owner}>
                  <Ref of={source.owner} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Listed>
    </section>
  );
}
