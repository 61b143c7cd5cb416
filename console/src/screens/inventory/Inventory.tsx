import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { type Chain, inventory } from '../../api/house.ts';
import { Empty } from '../../parts/Empty.tsx';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Listed } from '../../parts/Listed.tsx';
import classes from '../../parts/list.module.css';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/inventory.ts';
import { Chains } from './Chains.tsx';
import { Comparisons } from './Comparisons.tsx';
import { chainColumns } from './columns.ts';
import { Detection } from './Detection.tsx';
import { fits, healths, type InventoryFilter, inventoryFilterOf } from './filter.ts';
import { Readiness } from './Readiness.tsx';

/** What the house consists of: every chain with its owner and its health; and what looks after it. */
export function Inventory() {
  const filter = useSearch({ from: '/frame/inventory' });
  useFresh(['inventory'], 2_000);
  const chains = useQuery({ ...inventory, refetchInterval: 60_000 });
  const rows = chains.data?.filter((chain) => fits(chain, filter)) ?? [];
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div className={classes.title}>
          <h1>{texts.title}</h1>
          <span className={classes.space} />
          <ExportButton name="inventory" columns={chainColumns} rows={async () => rows} />
        </div>
        <p className={classes.dim}>{texts.lead}</p>
        <Filters filter={filter} chains={chains.data ?? []} />
      </header>
      <Listed
        list={chains}
        waiting={{ rows: 5, height: 48 }}
        isEmpty={rows.length === 0}
        nothing={<Nothing filtered={chains.data?.length !== 0} />}
      >
        <Chains rows={rows} />
      </Listed>
      <Comparisons />
      <Detection />
      <Readiness />
    </div>
  );
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  const navigate = useNavigate();
  if (!filtered) {
    return (
      <Empty title={texts.none.title}>
        <p>{texts.none.text}</p>
      </Empty>
    );
  }
  return (
    <Empty title={texts.noMatch.title}>
      <p>{texts.noMatch.text}</p>
      <Button size="xs" variant="default" onClick={() => void navigate({ to: '/inventory', search: {} })}>
        {texts.noMatch.all}
      </Button>
    </Empty>
  );
}

function Filters({ filter, chains }: { filter: InventoryFilter; chains: readonly Chain[] }) {
  const navigate = useNavigate();
  const [text, setText] = useState(filter.q ?? '');
  useEffect(() => setText(filter.q ?? ''), [filter.q]);
  const show = (change: Readonly<Record<string, string>>) =>
    void navigate({
      to: '/inventory',
      search: inventoryFilterOf({ ...filter, ...change }),
      replace: true,
    });
  const owners = [...new Set(chains.flatMap(({ owner, alternate }) => [owner, alternate]))].toSorted();
  return (
    <search className={classes.filters}>
      <TextInput
        size="xs"
        type="search"
        aria-label={texts.search}
        placeholder={texts.searchHint}
        className={classes.grow ?? ''}
        value={text}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          show({ q: currentTarget.value.trim() });
        }}
      />
      <NativeSelect
        size="xs"
        aria-label={texts.health}
        value={filter.health ?? ''}
        onChange={({ currentTarget }) => show({ health: currentTarget.value })}
        data={[
          { value: '', label: texts.anyHealth },
          ...healths.map((value) => ({ value, label: texts.healths[value] })),
        ]}
      />
      <NativeSelect
        size="xs"
        aria-label={texts.owner}
        value={filter.owner ?? ''}
        onChange={({ currentTarget }) => show({ owner: currentTarget.value })}
        data={[{ value: '', label: texts.anyOwner }, ...owners]}
      />
    </search>
  );
}
