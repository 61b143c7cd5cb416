import { Button, Menu, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { memo, useState } from 'react';
import { workflows } from '../../api/queries.ts';
import { Ask } from '../../parts/Ask.tsx';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Narrowed } from '../../parts/Narrowed.tsx';
import { texts } from '../../texts/exceptions.ts';
import { columns } from './columns.ts';
import classes from './Exceptions.module.css';
import { type Filter, filterOf, modes, sameFilter } from './filter.ts';
import { readAll } from './useQueue.ts';
import { useViews } from './views.ts';

interface FiltersProps {
  readonly filter: Filter;
  readonly count: number;
  readonly more: boolean;
}

/** What narrows the queue, in the address; and the filters that somebody wants to find again. */
export const Filters = memo(function Filters(props: FiltersProps) {
  const { filter } = props;
  const navigate = useNavigate();
  const known = useQuery(workflows);
  const show = (next: Filter) => void navigate({ to: '/exceptions', search: next });
  const change = (name: keyof Filter) => (event: { readonly currentTarget: { readonly value: string } }) =>
    show(filterOf({ ...filter, [name]: event.currentTarget.value }));
  return (
    <header className={classes.head}>
      <div className={classes.title}>
        <h1>{texts.title}</h1>
        <span className={classes.count}>{`${props.count.toLocaleString('en')}${props.more ? '+' : ''}`}</span>
        <span className={classes.space} />
        <Views filter={filter} show={show} />
        <ExportButton name="exceptions" columns={columns} rows={() => readAll(filter)} />
      </div>
      <div className={classes.filters}>
        <NativeSelect
          size="xs"
          aria-label={texts.filters.state}
          value={filter.state ?? ''}
          onChange={change('state')}
          data={[
            { value: '', label: texts.states.unresolved },
            { value: 'open', label: texts.states.open },
            { value: 'claimed', label: texts.states.claimed },
            { value: 'resolved', label: texts.states.resolved },
          ]}
        />
        <NativeSelect
          size="xs"
          aria-label={texts.filters.mode}
          value={filter.mode ?? ''}
          onChange={change('mode')}
          data={[
            { value: '', label: texts.filters.anyMode },
            ...modes.map((mode) => ({ value: mode, label: mode.replaceAll('_', ' ') })),
          ]}
        />
        <NativeSelect
          size="xs"
          aria-label={texts.filters.workflow}
          value={filter.workflow ?? ''}
          onChange={change('workflow')}
          data={[
            { value: '', label: texts.filters.anyWorkflow },
            ...(known.data?.workflows.map(({ name }) => name) ?? []),
          ]}
        />
      </div>
      {(filter.responsible !== undefined || filter.queue !== undefined) && (
        <div className={classes.narrowed}>
          {filter.responsible !== undefined && (
            <Narrowed
              by={texts.views.on(filter.responsible.replace(/^\w+:/, ''))}
              widen={() => show(filterOf({ ...filter, responsible: undefined }))}
            />
          )}
          {filter.queue !== undefined && (
            <Narrowed
              by={texts.filters.queues[filter.queue]}
              widen={() => show(filterOf({ ...filter, queue: undefined }))}
            />
          )}
        </div>
      )}
    </header>
  );
});

function Views({ filter, show }: { readonly filter: Filter; readonly show: (filter: Filter) => void }) {
  const { views, save, forget } = useViews();
  const here = views.find((view) => sameFilter(view.filter, filter));
  const own = here?.own === true ? here : null;
  const [naming, setNaming] = useState(false);
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Button size="compact-sm" variant="default">
            {here?.name ?? texts.views.label}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.map((view) => (
            <Menu.Item
              key={view.name}
              onClick={() => show(view.filter)}
              aria-current={view === here ? 'true' : undefined}
            >
              {view.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          {own === null ? (
            <Menu.Item disabled={here !== undefined} onClick={() => setNaming(true)}>
              {texts.views.save}
            </Menu.Item>
          ) : (
            <Menu.Item onClick={() => forget(own.name)}>{texts.views.forget(own.name)}</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Ask
        opened={naming}
        close={() => setNaming(false)}
        title={texts.views.saveTitle}
        label={texts.views.name}
        hint={texts.views.nameHint}
        submit={texts.views.saveDo}
        charsMax={60}
        answer={(name) => save({ name, filter })}
      />
    </>
  );
}
