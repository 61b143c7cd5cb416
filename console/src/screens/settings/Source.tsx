import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMe } from '../../api/me.ts';
import { sources } from '../../api/queries.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Moment } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/settings.ts';
import { Check } from './Check.tsx';
import { CopyButton } from './CopyButton.tsx';
import { Fact } from './Fact.tsx';
import { Send } from './Send.tsx';
import classes from './Settings.module.css';
import { expectationOf, proofOf, type Source as SourceOf } from './source.ts';

/** One source: where it posts, how it proves itself, and what a delivery of it proves. */
export function Source() {
  const { key } = useParams({ from: '/frame/settings/sources/$key' });
  const list = useQuery(sources);
  if (list.isPending) return <Waiting rows={6} />;
  if (list.data === undefined) return <Failure error={list.error} retry={() => void list.refetch()} />;
  const source = list.data.sources.find((each) => each.key === key);
  if (source !== undefined) return <Told source={source} />;
  return (
    <Empty title={texts.sources.gone.title}>
      <p>{texts.sources.gone.text}</p>
      <Link to="/settings/sources">{texts.sources.back}</Link>
    </Empty>
  );
}

function Told({ source }: { readonly source: SourceOf }) {
  const me = useMe();
  const names = texts.sources.columns;
  const address = source.path === null ? null : `${window.location.origin}${source.path}`;
  return (
    <section className={classes.section} aria-labelledby="source">
      <Link to="/settings/sources" className={classes.crumb}>
        <Icon name="back" /> {texts.sources.back}
      </Link>
      <h2 id="source" className={classes.big}>
        {source.key}
      </h2>
      <p>{source.summary}</p>
      <dl className={classes.facts}>
        {address !== null && (
          <Fact name={names.address}>
            <code className={classes.long}>{address}</code> <CopyButton text={address} what={names.address} />
          </Fact>
        )}
        {source.poll !== null && (
          <Fact name={names.address}>
            {texts.sources.polled(source.poll.from)}
            {source.poll.failures > 0 && (
              <span className={classes.bad}>
                {' '}
                {texts.sources.failed(source.poll.failures)}:{' '}
                <Foreign text={source.poll.error ?? ''} chars={300} />
              </span>
            )}
          </Fact>
        )}
        <Fact name={names.proof}>{proofOf(source)}</Fact>
        <Fact name={names.expects}>{expectationOf(source)}</Fact>
        <Fact name={names.seen}>
          {source.last_seen_at === null ? texts.never : <Moment at={source.last_seen_at} />}
        </Fact>
        <Fact name={names.workflow}>{source.workflow ?? texts.sources.noWorkflow}</Fact>
        <Fact name={names.owner}>
          <Ref of={source.owner} />
        </Fact>
        <Fact name={texts.check.body}>{texts.sources.bytes(source.body_bytes_max.toLocaleString('en'))}</Fact>
      </dl>
      {me.may('hand_in') ? (
        <>
          {source.path !== null && <Check source={source} />}
          {source.workflow !== null && <Send source={source} />}
        </>
      ) : (
        <p className={classes.hint}>{texts.check.mayNot}</p>
      )}
    </section>
  );
}
