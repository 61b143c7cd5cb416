import { Button } from '@mantine/core';
import { useState } from 'react';
import { texts } from '../texts/parts.ts';
import classes from './parts.module.css';

/** A secret text that is shown this once, to be taken away. */
export function Once({
  label,
  text,
  close,
}: {
  readonly label: string;
  readonly text: string;
  readonly close: () => void;
}) {
  const [copied, setCopied] = useState(false);
  return (
    <section className={classes.once} aria-label={label}>
      <p>{label}</p>
      <pre className={classes.onceText}>{text}</pre>
      <div className={classes.formActs}>
        <Button
          size="xs"
          onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
          disabled={navigator.clipboard === undefined}
        >
          {copied ? texts.copied : texts.copy}
        </Button>
        <Button size="xs" variant="default" onClick={close}>
          {texts.taken}
        </Button>
      </div>
    </section>
  );
}
