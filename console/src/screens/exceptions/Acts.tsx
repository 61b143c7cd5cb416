import { Button, Menu, NativeSelect, TextInput } from '@mantine/core';
import type { Exception } from '../../api/shapes.ts';
import { Icon } from '../../parts/Icon.tsx';
import { texts } from '../../texts/exceptions.ts';
import classes from './Detail.module.css';
import { NoteForm } from './NoteForm.tsx';
import { type ResolutionName, resolutionsOf } from './Resolve.tsx';
import type { Acts as ActsOf } from './useActs.ts';

interface ActsProps {
  readonly exception: Exception;
  readonly acts: ActsOf;
  readonly mine: boolean;
  readonly repairing: boolean;
  readonly repair: () => void;
  readonly resolve: (name: ResolutionName) => void;
}

/** What can be done now: first to take it, then to settle it. */
export function Acts({ exception, acts, mine, repairing, repair, resolve }: ActsProps) {
  const other = exception.claimed_by !== null && !mine;
  const [first, ...rest] = resolutionsOf(exception);
  return (
    <>
      <div className={classes.acts}>
        {!mine && (
          <Button disabled={acts.busy || other} onClick={() => acts.claim()}>
            {texts.acts.claim}
          </Button>
        )}
        {mine && (
          <>
            {!repairing && (
              <Button disabled={acts.busy} onClick={repair}>
                {texts.acts.repair}
              </Button>
            )}
            {first !== undefined && (
              <Button variant="default" disabled={acts.busy} onClick={() => resolve(first)}>
                {texts.acts[first]}
              </Button>
            )}
            <Menu position="bottom-end" width={190}>
              <Menu.Target>
                <Button
                  variant="default"
                  rightSection={<Icon name="menu" label={texts.acts.more} />}
                  px={8}
                />
              </Menu.Target>
              <Menu.Dropdown>
                {rest.map((name) => (
                  <Menu.Item key={name} onClick={() => resolve(name)}>
                    {texts.acts[name]}
                  </Menu.Item>
                ))}
                <Menu.Item onClick={() => acts.setNoting(true)}>{texts.acts.note}</Menu.Item>
                <Menu.Divider />
                <Menu.Item onClick={acts.release}>{texts.acts.release}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
            {!repairing && <Cause exception={exception} acts={acts} />}
          </>
        )}
        {!mine && (
          <p className={classes.hint}>
            {other ? texts.acts.otherHas(exception.claimed_by ?? '') : texts.acts.claimFirst}
          </p>
        )}
      </div>
      {acts.noting && <NoteForm acts={acts} />}
    </>
  );
}

function Cause({ exception, acts }: { readonly exception: Exception; readonly acts: ActsOf }) {
  const props = {
    id: 'root-cause',
    'aria-label': texts.cause.label,
    value: acts.cause,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      acts.setCause(event.currentTarget.value),
    className: classes.cause,
  };
  return exception.root_causes.length === 0 ? (
    <TextInput {...props} placeholder={texts.cause.label} maxLength={200} />
  ) : (
    <NativeSelect {...props} data={[{ value: '', label: texts.cause.choose }, ...exception.root_causes]} />
  );
}
