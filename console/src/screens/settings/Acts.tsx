import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMe } from '../../api/me.ts';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { texts } from '../../texts/settings.ts';
import { ActTable, actColumns, readAllActs } from './ActTable.tsx';
import { accounts } from './accounts.ts';
import { MayNot } from './MayNot.tsx';
import classes from './Settings.module.css';

/** Who signed in, and what was done to accounts. */
export function Acts() {
  const me = useMe();
  return me.may('administer') ? <Log /> : <MayNot />;
}

function Log() {
  const { person } = useSearch({ from: '/frame/settings/acts' });
  const navigate = useNavigate();
  const known = useQuery(accounts);
  return (
    <section className={classes.section} aria-labelledby="acts">
      <header className={classes.titleRow}>
        <h2 id="acts">{texts.acts.title}</h2>
        <span className={classes.space} />
        <NativeSelect
          size="xs"
          aria-label={texts.acts.person}
          value={person ?? ''}
          onChange={({ currentTarget: { value } }) =>
            void navigate({ to: '/settings/acts', search: value === '' ? {} : { person: value } })
          }
          data={[
            { value: '', label: texts.acts.anybody },
            ...(known.data?.accounts.map((account) => account.person) ?? []),
          ]}
        />
        <ExportButton name="account-acts" columns={actColumns} rows={() => readAllActs(person)} />
      </header>
      <p className={classes.hint}>{texts.acts.about}</p>
      <ActTable person={person} limit={100} />
    </section>
  );
}
