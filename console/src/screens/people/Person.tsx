import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { people } from '../../api/queries.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/people.ts';
import { Open } from './Open.tsx';
import classes from './People.module.css';
import { Reach } from './Reach.tsx';
import type { Answerable } from './reach.ts';

/** One person or team. */
export function Person() {
  const { key } = useParams({ from: '/frame/people/$key' });
  useFresh(['people', 'of-person', 'approvals', 'outcomes']);
  const list = useQuery(people);
  if (list.isPending) return <Waiting rows={8} />;
  if (list.data === undefined) {
    return (
      <div className={classes.page}>
        <Failure error={list.error} retry={() => void list.refetch()} />
      </div>
    );
  }
  const found = list.data.people.find(({ ref }) => ref === key);
  if (found !== undefined) return <Told of={found} />;
  return (
    <Empty title={texts.gone.title}>
      <p>{texts.gone.text}</p>
      <Link to="/people">{texts.back}</Link>
    </Empty>
  );
}

function Told({ of }: { readonly of: Answerable }) {
  const inside = of.kind === 'team' ? of.members : of.teams;
  return (
    <article className={classes.page}>
      <header className={classes.head}>
        <Link to="/people" className={classes.crumb}>
          <Icon name="back" /> {texts.back}
        </Link>
        <h1 className={classes.name}>
          <Icon name={of.kind === 'team' ? 'team' : 'person'} /> {of.name}
        </h1>
      </header>
      <dl className={classes.facts}>
        <Fact name={texts.facts.reach}>
          <Reach of={of} />
        </Fact>
        {of.email !== null && (
          <Fact name={texts.facts.email}>
            <a href={`mailto:${of.email}`}>{of.email}</a>
          </Fact>
        )}
        {inside.length > 0 && (
          <Fact name={of.kind === 'team' ? texts.facts.members : texts.facts.teams}>
            <span className={classes.refs}>
              {inside.map((ref) => (
                <Link key={ref} to="/people/$key" params={{ key: ref }}>
                  <Ref of={ref} />
                </Link>
              ))}
            </span>
          </Fact>
        )}
        <Fact name={texts.facts.ref}>
          <code>{of.ref}</code>
        </Fact>
      </dl>
      <div className={classes.columns}>
        <Open of={of} />
        <div className={classes.beside}>
          <Answers of={of} />
          {of.kind === 'person' && <Leave of={of} />}
        </div>
      </div>
    </article>
  );
}

function Answers({ of: { workflows, sources } }: { readonly of: Answerable }) {
  return (
    <section aria-labelledby="answers">
      <h2 id="answers">{texts.answers.title}</h2>
      {workflows.length + sources.length === 0 && <p className={classes.dim}>{texts.answers.none}</p>}
      {workflows.length > 0 && (
        <>
          <h3>{texts.answers.workflows}</h3>
          <ul className={classes.plain}>
            {workflows.map((name) => (
              <li key={name}>
                <Link to="/tickets" search={{ workflow: name }}>
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
      {sources.length > 0 && (
        <>
          <h3>{texts.answers.sources}</h3>
          <ul className={classes.plain}>
            {sources.map((key) => (
              <li key={key}>
                <Link to="/settings/sources/$key" params={{ key }}>
                  {key}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Leave({ of: { absences } }: { readonly of: Answerable }) {
  return (
    <section aria-labelledby="leave">
      <h2 id="leave">{texts.leave.title}</h2>
      {absences.length === 0 ? (
        <p className={classes.dim}>{texts.leave.none}</p>
      ) : (
        <ul className={classes.plain}>
          {absences.map(({ from, until, cover }) => (
            <li key={from}>
              <time dateTime={from}>{from}</time> – <time dateTime={until}>{until}</time>{' '}
              <span className={classes.dim}>
                {cover === null ? (
                  texts.reach.uncovered
                ) : (
                  <>
                    {texts.reach.covered} <Ref of={cover} />
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
