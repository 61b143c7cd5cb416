import { useEffect, useState } from 'react';
import { canVerify, sha256Hex } from '../../audit/verify.ts';
import { Icon } from '../../parts/Icon.tsx';
import { texts } from '../../texts/approvals.ts';
import classes from './Approvals.module.css';
import type { Request } from './waiting.ts';

/** What the yes is bound to, computed again from what is on the screen. */
export function Digest({ digest, request }: { readonly digest: string; readonly request: Request | null }) {
  const [same, setSame] = useState<boolean | null>(null);
  useEffect(() => {
    if (request === null || !canVerify()) return;
    let current = true;
    void sha256Hex(JSON.stringify(request)).then((computed) => current && setSame(computed === digest));
    return () => {
      current = false;
    };
  }, [digest, request]);
  return (
    <section className={classes.section} aria-labelledby="digest">
      <h3 id="digest">{texts.digest.title}</h3>
      <p>
        <code className={classes.digest}>{digest}</code>
      </p>
      {same !== null && (
        <p className={same ? classes.good : classes.bad}>
          <Icon name={same ? 'check' : 'alert'} /> {same ? texts.digest.computed : texts.digest.differs}
        </p>
      )}
      {!canVerify() && <p className={classes.hint}>{texts.digest.cannot}</p>}
      <p className={classes.hint}>{texts.digest.binds}</p>
    </section>
  );
}
