import { Button } from '@mantine/core';
import { useState } from 'react';
import { problemText } from '../api/problem.ts';
import { texts } from '../texts/parts.ts';
import { type Column, csvOf } from './csv.ts';
import { Icon } from './Icon.tsx';
import { notify } from './Notices.tsx';

/** Saves a table as CSV: all of its rows, also those that are not loaded yet. */
export function ExportButton<T>(props: {
  readonly name: string;
  readonly columns: readonly Column<T>[];
  readonly rows: () => Promise<readonly T[]>;
}) {
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      const stamp = new Date().toISOString().slice(0, 16).replace(/[:T]/g, '-');
      save(`${props.name}-${stamp}.csv`, 'text/csv', csvOf(props.columns, await props.rows()));
    } catch (error) {
      notify(problemText(error), { bad: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<Icon name="download" />}
      title={texts.exportTitle}
      disabled={busy}
      onClick={run}
    >
      {busy ? texts.exporting : texts.export}
    </Button>
  );
}

/** Hands a text to the person as a file. */
function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
