import { Modal, Switch } from '@mantine/core';
import { Fragment, useState } from 'react';
import { texts } from '../texts/shell.ts';
import classes from './Help.module.css';
import { lettersAreOn, turnLetters, useHeldShortcuts } from './keys.ts';

/** Every key that does something here, by what it is for. */
export function Help({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  return (
    <Modal opened={opened} onClose={close} title={texts.help.title} size="lg">
      <Keys />
    </Modal>
  );
}

function Keys() {
  const [letters, setLetters] = useState(lettersAreOn);
  const groups = Map.groupBy(useHeldShortcuts(), ({ group }) => group);
  return (
    <>
      <Switch
        checked={letters}
        label={texts.help.letters}
        description={texts.help.lettersHint}
        onChange={({ currentTarget }) => {
          turnLetters(currentTarget.checked);
          setLetters(currentTarget.checked);
        }}
      />
      <div className={classes.groups}>
        {[...groups].map(([group, shortcuts]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl className={classes.keys}>
              {shortcuts.map(({ keys, what }) => (
                <Fragment key={keys}>
                  <dt>
                    <Combination keys={keys} />
                  </dt>
                  <dd>{what}</dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </>
  );
}

function Combination({ keys }: { readonly keys: string }) {
  return keys.split(' ').map((key, index) => (
    <Fragment key={key}>
      {index > 0 && ` ${texts.help.followedBy} `}
      <kbd className={classes.key}>{key.replace('mod+', '⌘/Ctrl ')}</kbd>
    </Fragment>
  ));
}
