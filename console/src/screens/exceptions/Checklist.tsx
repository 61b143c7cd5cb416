import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { Exception } from '../../api/shapes.ts';
import { Ask } from '../../parts/Ask.tsx';
import { Moment } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { texts } from '../../texts/exceptions.ts';
import classes from './Detail.module.css';
import type { Acts } from './useActs.ts';

/** What is to be done before it may be resolved; each point is ticked, or waived with a reason. */
export function Checklist(props: {
  readonly exception: Exception;
  readonly acts: Acts;
  readonly mine: boolean;
}) {
  const { exception, acts, mine } = props;
  const [waiving, setWaiving] = useState<number | null>(null);
  const done = exception.checklist.filter(({ state }) => state !== 'open').length;
  return (
    <section className={classes.section} aria-labelledby="checklist">
      <h3 id="checklist">
        {texts.checklist.title}{' '}
        <span className={classes.dim}>
          {done}/{exception.checklist.length}
        </span>
      </h3>
      <ul className={classes.points}>
        {exception.checklist.map((point, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place of a point is what names it
          <li key={index}>
            <Checkbox
              label={point.text}
              checked={point.state !== 'open'}
              // Not while one is being taken either: what is disabled cannot be reached by keyboard.
              disabled={!mine}
              // What is ticked stays ticked: it stands in the record.
              readOnly={point.state !== 'open'}
              onChange={() => point.state === 'open' && acts.tick(index)}
            />
            {point.state === 'open' ? (
              mine && (
                <Button
                  size="compact-xs"
                  variant="subtle"
                  aria-label={texts.checklist.waiveLabel(point.text)}
                  onClick={() => setWaiving(index)}
                >
                  {texts.checklist.waive}
                </Button>
              )
            ) : (
              <span className={classes.dim}>
                {point.state === 'waived' && `${texts.checklist.waived}: ${point.reason} · `}
                {point.by !== null && <Ref of={point.by} />} {point.at !== null && <Moment at={point.at} />}
              </span>
            )}
          </li>
        ))}
      </ul>
      <Ask
        opened={waiving !== null}
        close={() => setWaiving(null)}
        title={texts.checklist.waiveTitle}
        about={waiving === null ? '' : (exception.checklist[waiving]?.text ?? '')}
        label={texts.checklist.waiveWhy}
        submit={texts.checklist.waiveDo}
        charsMax={4_000}
        answer={async (reason) => waiving !== null && (await acts.waive(waiving, reason))}
      />
    </section>
  );
}
