import { Empty } from '../../parts/Empty.tsx';
import { texts } from '../../texts/settings.ts';

/** Where somebody has come by an address to what only an administrator sees. */
export function MayNot() {
  return (
    <Empty title={texts.mayNot.title}>
      <p>{texts.mayNot.text}</p>
    </Empty>
  );
}
