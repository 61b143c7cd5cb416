import { Modal } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { Icon, type IconName } from '../parts/Icon.tsx';
import { texts } from '../texts/shell.ts';
import { useHeldShortcuts } from './keys.ts';
import classes from './Palette.module.css';
import { places } from './places.ts';

/** ⌘K: whatever can be done here, and any place or ticket, by writing. */
export function Palette({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={close}
      withCloseButton={false}
      padding={0}
      size="lg"
      attributes={{ content: { 'aria-label': texts.palette.title } }}
    >
      <Choice close={close} />
    </Modal>
  );
}

interface Command {
  readonly name: string;
  readonly icon: IconName;
  readonly keys?: string;
  readonly run: () => void;
}

function Choice({ close }: { readonly close: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const commands = useCommands(text.trim());
  const chosen = commands[Math.min(at, commands.length - 1)];
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    close();
    // After the dialog has given the focus back.
    setTimeout(command.run);
  };
  return (
    <>
      <input
        className={classes.input}
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen === undefined ? undefined : `${id}-${commands.indexOf(chosen)}`}
        aria-label={texts.palette.title}
        placeholder={texts.palette.placeholder}
        data-autofocus
        value={text}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step !== undefined) {
            event.preventDefault();
            setAt((at + step + commands.length) % Math.max(1, commands.length));
          } else if (event.key === 'Enter') run(chosen);
        }}
      />
      <div id={`${id}-list`} role="listbox" aria-label={texts.palette.title} className={classes.list}>
        {commands.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are heard by the input
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input
          <div
            key={command.name}
            id={`${id}-${index}`}
            role="option"
            aria-selected={command === chosen}
            className={classes.option}
            onMouseMove={() => setAt(index)}
            onClick={() => run(command)}
          >
            <Icon name={command.icon} />
            <bdi>{command.name}</bdi>
            {command.keys !== undefined && <kbd>{command.keys}</kbd>}
          </div>
        ))}
      </div>
      <p className={classes.hint}>{commands.length === 0 ? texts.palette.none : texts.palette.hint}</p>
    </>
  );
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

function useCommands(text: string): Command[] {
  const navigate = useNavigate();
  const shortcuts = useHeldShortcuts();
  const wanted = text.toLowerCase();
  const isWanted = ({ name }: Command) => name.toLowerCase().includes(wanted);
  const goes = places.map(
    ({ to, name, icon, keys }): Command => ({
      name: texts.palette.go(name),
      icon,
      keys,
      run: () => void navigate({ to }),
    }),
  );
  const acts = shortcuts
    .filter(({ group, keys }) => group !== texts.groups.go && keys !== 'mod+k' && keys !== '/')
    .map(({ what, keys, run }): Command => ({ name: what, icon: 'arrow', keys, run }));
  const found: Command[] = [];
  if (uuid.test(text)) {
    found.push({
      name: texts.palette.openTicket(text),
      icon: 'ticket',
      run: () => void navigate({ to: '/tickets/$id', params: { id: text } }),
    });
  } else if (text !== '') {
    found.push({
      name: texts.palette.searchTickets(text),
      icon: 'search',
      run: () => void navigate({ to: '/tickets', search: { q: text } }),
    });
  }
  return [...[...goes, ...acts].filter(isWanted), ...found];
}
