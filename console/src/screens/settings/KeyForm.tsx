import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Right } from '../../api/may.ts';
import { useMe } from '../../api/me.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Once } from '../../parts/Once.tsx';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';

interface Order {
  readonly name: string;
  readonly scopes: Right[];
  readonly expires_at: string;
}

const scopes: readonly Right[] = ['read', 'work', 'decide', 'hand_in', 'deploy', 'administer'];
const dayMs = 86_400_000;

/** Makes a key, and shows it this once. `all`: for somebody else, whose rights are not ours. */
export function KeyForm(props: {
  readonly make: (order: Order) => Promise<string>;
  /** What is read anew when there is one more. */
  readonly stale: string;
  readonly all?: boolean;
}) {
  const me = useMe();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<Right>>(new Set<Right>(['read']));
  const [days, setDays] = useState('90');
  const { mutate, data, error, isPending, reset } = useMutation({
    mutationFn: () =>
      props.make({
        name: name.trim(),
        scopes: scopes.filter((scope) => chosen.has(scope)),
        expires_at: new Date(Date.now() + Number(days) * dayMs).toISOString(),
      }),
    onSuccess: () => setName(''),
    onSettled: () => client.invalidateQueries({ queryKey: [props.stale] }),
  });
  // A scope that one has not oneself would do nothing.
  const offered = scopes.filter((scope) => props.all === true || me.may(scope, me.answersAs));
  return (
    <section className={classes.panel} aria-labelledby="make-key">
      <h3 id="make-key">{texts.keys.make}</h3>
      {data !== undefined && <Once label={texts.keys.made} text={data} close={reset} />}
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <div className={classes.fields}>
          <TextInput
            label={texts.keys.nameLabel}
            description={texts.keys.nameHint}
            required
            maxLength={100}
            className={classes.grow ?? ''}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <NativeSelect
            label={texts.keys.ends}
            data={Object.entries(texts.keys.spans).map(([value, label]) => ({ value, label }))}
            value={days}
            onChange={({ currentTarget }) => setDays(currentTarget.value)}
          />
        </div>
        <fieldset className={classes.choices}>
          <legend>{texts.keys.scopes}</legend>
          {offered.map((scope) => (
            <Checkbox
              key={scope}
              label={scope}
              description={texts.keys.scopeTexts[scope]}
              checked={chosen.has(scope)}
              onChange={({ currentTarget }) => {
                const next = new Set(chosen);
                if (currentTarget.checked) next.add(scope);
                else next.delete(scope);
                setChosen(next);
              }}
            />
          ))}
        </fieldset>
        {error !== null && <Failure error={error} />}
        <div className={classes.acts}>
          <Button type="submit" disabled={isPending || name.trim() === '' || chosen.size === 0}>
            {texts.keys.make}
          </Button>
        </div>
      </form>
    </section>
  );
}
