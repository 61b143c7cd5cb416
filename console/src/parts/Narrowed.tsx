import { Button } from '@mantine/core';
import { texts } from '../texts/parts.ts';
import { Icon } from './Icon.tsx';

/** By what a list is narrowed that no field of its own shows; a click takes it away. */
export function Narrowed({ by, widen }: { readonly by: string; readonly widen: () => void }) {
  return (
    <Button
      size="compact-xs"
      variant="default"
      rightSection={<Icon name="close" label={texts.widen} />}
      onClick={widen}
    >
      {by}
    </Button>
  );
}
