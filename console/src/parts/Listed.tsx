import type { ReactNode } from 'react';
import { Failure } from './Failure.tsx';
import { Waiting } from './Waiting.tsx';

interface ListedProps {
  readonly list: {
    readonly isPending: boolean;
    readonly data: unknown;
    readonly error: unknown;
    readonly refetch: () => unknown;
  };
  /** The shape of it while it is on its way. */
  readonly waiting: { readonly rows: number; readonly height?: number };
  readonly isEmpty: boolean;
  readonly nothing: ReactNode;
  readonly children: ReactNode;
}

/** A list, or what stands in its place while it is on its way, where it cannot be had, and where nothing is in it. */
export function Listed({ list, waiting, isEmpty, nothing, children }: ListedProps) {
  if (list.isPending) return <Waiting {...waiting} />;
  if (list.data === undefined) return <Failure error={list.error} retry={() => void list.refetch()} />;
  return isEmpty ? nothing : children;
}
