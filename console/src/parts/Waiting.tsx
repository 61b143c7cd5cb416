import { Skeleton } from '@mantine/core';
import { texts } from '../texts/parts.ts';
import classes from './parts.module.css';

/** The shape of what is being loaded. */
export function Waiting({ rows = 6, height = 34 }: { readonly rows?: number; readonly height?: number }) {
  return (
    <div className={classes.waiting} role="status" aria-label={texts.loading}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <Skeleton key={row} height={height} width={`${100 - ((row * 13) % 35)}%`} radius="sm" />
      ))}
    </div>
  );
}
