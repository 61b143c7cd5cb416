import { Link } from '@tanstack/react-router';
import { Empty } from '../parts/Empty.tsx';
import { Failure } from '../parts/Failure.tsx';
import { texts } from '../texts/shell.ts';

/** Where an address leads nowhere. */
export function Missing() {
  return (
    <Empty title={texts.notFound.title}>
      <p>{texts.notFound.text}</p>
      <Link to="/exceptions">{texts.notFound.back}</Link>
    </Empty>
  );
}

/** Where a screen has failed: the frame and the other screens go on. */
export function Broken({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return (
    <div style={{ padding: 24 }}>
      <Failure error={error} retry={reset} />
    </div>
  );
}
