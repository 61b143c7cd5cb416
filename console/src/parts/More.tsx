import { Button } from '@mantine/core';

interface Paged {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
}

/** Loads what follows, where anything does. */
export function More({ list, text }: { readonly list: Paged; readonly text: string }) {
  if (!list.hasNextPage) return null;
  return (
    <Button variant="default" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
      {text}
    </Button>
  );
}
