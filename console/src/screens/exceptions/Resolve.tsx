import { Button, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Exception } from '../../api/shapes.ts';
import { texts } from '../../texts/exceptions.ts';
import classes from './Detail.module.css';
import type { Acts, Resolving } from './useActs.ts';

export type ResolutionName = Resolving['resolution'];

const triage: ReadonlySet<string> = new Set(['no_route', 'low_confidence', 'ambiguous']);
const neverSent: ReadonlySet<string> = new Set(['refused', 'approval_overdue']);

/** The ways to settle an exception besides a repaired payload, the likeliest first. Pure. */
export function resolutionsOf({ mode, handoff_seq }: Exception): ResolutionName[] {
  if (triage.has(mode)) return ['reroute', 'replay', 'confirm', 'discard'];
  if (handoff_seq !== null && !neverSent.has(mode)) return ['retry', 'replay', 'confirm', 'discard'];
  return ['replay', 'confirm', 'discard'];
}

interface ResolveProps {
  /** Null: closed. */
  readonly name: ResolutionName | null;
  readonly exception: Exception;
  readonly acts: Acts;
  readonly close: () => void;
}

/** Asks what a resolution needs. */
export function Resolve({ name, exception, acts, close }: ResolveProps) {
  return (
    <Modal opened={name !== null} onClose={close} title={name && texts.resolve.title[name]}>
      {name !== null && <Form key={name} name={name} exception={exception} acts={acts} close={close} />}
    </Modal>
  );
}

function Form({ name, exception, acts, close }: ResolveProps & { readonly name: ResolutionName }) {
  const [said, setSaid] = useState('');
  const [note, setNote] = useState('');
  const open = exception.checklist.filter(({ state }) => state === 'open').length;
  const asks = { discard: texts.resolve.reason, confirm: texts.resolve.evidence, reroute: texts.resolve.to };
  const ask = name in asks ? asks[name as keyof typeof asks] : null;
  const ready = acts.cause !== '' && open === 0 && (ask === null || said.trim() !== '');
  const run = async () => {
    if (
      await acts.resolve({ ...howOf(name, said.trim()), ...(note.trim() !== '' && { note: note.trim() }) })
    ) {
      close();
    }
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void run();
      }}
    >
      <p>{texts.resolve.does[name]}</p>
      {open > 0 && <p className={classes.warn}>{texts.resolve.open(open)}</p>}
      {ask !== null && (
        <TextInput
          label={ask}
          placeholder={name === 'reroute' ? texts.resolve.toHint : undefined}
          data-autofocus
          required
          maxLength={4_000}
          value={said}
          onChange={({ currentTarget }) => setSaid(currentTarget.value)}
        />
      )}
      <CauseField exception={exception} acts={acts} />
      <Textarea
        label={texts.resolve.note}
        maxLength={4_000}
        value={note}
        onChange={({ currentTarget }) => setNote(currentTarget.value)}
      />
      <div className={classes.row}>
        <Button type="submit" disabled={!ready || acts.busy} color={name === 'discard' ? 'red' : undefined}>
          {texts.resolve.title[name]}
        </Button>
        <Button variant="default" onClick={close}>
          {texts.resolve.cancel}
        </Button>
      </div>
    </form>
  );
}

function howOf(resolution: ResolutionName, said: string): Resolving {
  switch (resolution) {
    case 'discard':
      return { resolution, reason: said };
    case 'confirm':
      return { resolution, evidence: said };
    case 'reroute':
      return { resolution, to: said };
    default:
      return { resolution };
  }
}

/** The root cause, which every resolution needs: one of the workflow's, or in one's own words where it names none. */
export function CauseField({ exception, acts, id }: { exception: Exception; acts: Acts; id?: string }) {
  const props = {
    ...(id !== undefined && { id }),
    label: texts.cause.label,
    required: true,
    value: acts.cause,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      acts.setCause(event.currentTarget.value),
  };
  return exception.root_causes.length === 0 ? (
    <TextInput {...props} maxLength={200} />
  ) : (
    <NativeSelect {...props} data={[{ value: '', label: texts.cause.choose }, ...exception.root_causes]} />
  );
}
