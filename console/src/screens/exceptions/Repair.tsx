import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { rehearsalOf, replayBaseOf } from '../../api/queries.ts';
import type { Exception, Story } from '../../api/shapes.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { changesOf } from '../../payload/changes.ts';
import { texts } from '../../texts/exceptions.ts';
import classes from './Detail.module.css';
import { Difference } from './Difference.tsx';
import { Rehearsal } from './Rehearsal.tsx';
import { CauseField } from './Resolve.tsx';
import type { Acts } from './useActs.ts';
import { useDraft } from './useDraft.ts';
import { useSettled } from './useSettled.ts';

const Editor = lazy(async () => ({ default: (await import('../../payload/Editor.tsx')).Editor }));

interface RepairProps {
  readonly story: Story;
  readonly exception: Exception;
  readonly mine: boolean;
  readonly acts: Acts;
  readonly close: () => void;
}

/** The payload as it may be repaired: checked as it is written, and what a replay would do shown before it is done. */
export function Repair({ story, exception, mine, acts, close }: RepairProps) {
  const { ticket } = story;
  const base = useQuery(replayBaseOf(ticket.id, ticket.revision));
  if (base.isPending) return <Waiting />;
  if (base.data === undefined) return <Failure error={base.error} retry={() => void base.refetch()} />;
  const original = base.data.payload ?? {};
  return <Editing exception={exception} original={original} mine={mine} acts={acts} close={close} />;
}

type EditingProps = Omit<RepairProps, 'story'> & { readonly original: unknown };

function Editing({ exception, original, mine, acts, close }: EditingProps) {
  const first = useMemo(() => JSON.stringify(original, null, 2), [original]);
  const draft = useDraft(`${exception.ticket_id}/${exception.seq}`, first);
  const parsed = useMemo(() => parse(draft.text), [draft.text]);
  const asked = useSettled(draft.text);
  const rehearsal = useQuery(rehearsalOf(exception.ticket_id, parse(asked).ok ? asked : null));
  const complaints = asked === draft.text ? (rehearsal.data?.violations ?? none) : none;
  const changes = useMemo(() => (parsed.ok ? changesOf(original, parsed.value) : []), [original, parsed]);
  const open = exception.checklist.filter(({ state }) => state === 'open').length;
  const [running, setRunning] = useState(false);
  const ready = mine && parsed.ok && open === 0 && acts.cause !== '' && !running;

  const run = async () => {
    setRunning(true);
    const edited = draft.text === first ? {} : { payload: draft.text };
    if (await acts.resolve({ resolution: 'replay', ...edited })) {
      draft.forget();
      close();
    }
    setRunning(false);
  };

  return (
    <section className={classes.section} aria-labelledby="repair">
      <div className={classes.row}>
        <h3 id="repair">{texts.repair.title}</h3>
        <span className={classes.space} />
        {draft.found && <span className={classes.hint}>{texts.repair.kept}</span>}
        <Button size="compact-sm" variant="default" onClick={draft.reset} disabled={draft.text === first}>
          {texts.repair.reset}
        </Button>
        <Button size="compact-sm" variant="default" onClick={close}>
          {texts.resolve.cancel}
        </Button>
      </div>
      <div className={classes.beside}>
        <Suspense fallback={<Waiting rows={8} height={18} />}>
          <Editor value={draft.text} onChange={draft.write} complaints={complaints} />
        </Suspense>
        <div className={classes.repairSide}>
          <Rehearsal parsed={parsed} rehearsal={rehearsal} />
          <Difference changes={changes} />
          <CauseField exception={exception} acts={acts} id="root-cause" />
          {open > 0 && <p className={classes.warn}>{texts.resolve.open(open)}</p>}
          <Button disabled={!ready} onClick={() => void run()}>
            {complaints.length > 0 ? texts.repair.runAnyway : texts.repair.run}
          </Button>
        </div>
      </div>
    </section>
  );
}

const none: readonly [] = [];

export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

function parse(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}
