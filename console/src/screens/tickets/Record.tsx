import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Story } from '../../api/shapes.ts';
import { type Broken, canVerify, verifyChain } from '../../audit/verify.ts';
import { Icon } from '../../parts/Icon.tsx';
import { texts } from '../../texts/tickets.ts';
import { Entries } from './Entries.tsx';
import classes from './Tickets.module.css';

/** The entries with their hashes, and a button that computes them anew in this browser. */
export function Record({ story: { ticket, entries } }: { readonly story: Story }) {
  const [verified, setVerified] = useState<{ of: number; broken: Broken | null } | null>(null);
  const verify = async () => {
    setVerified({ of: entries.length, broken: await verifyChain(ticket.id, entries) });
  };
  const broken = verified?.broken ?? null;
  return (
    <>
      <div className={classes.titleRow}>
        <h2>{texts.record}</h2>
        <span className={classes.space} />
        <Button size="compact-sm" variant="default" disabled={!canVerify()} onClick={() => void verify()}>
          {texts.verify}
        </Button>
      </div>
      <p role="status" className={broken === null ? classes.good : classes.bad}>
        {!canVerify() && texts.cannotVerify}
        {verified !== null && (
          <>
            <Icon name={broken === null ? 'check' : 'alert'} />{' '}
            {broken === null ? texts.whole(verified.of) : texts.broken(broken.seq, broken.why)}
          </>
        )}
      </p>
      <Entries entries={entries} hashes broken={new Set(broken === null ? [] : [broken.seq])} />
    </>
  );
}
