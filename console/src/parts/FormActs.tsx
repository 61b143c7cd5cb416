import { Button } from '@mantine/core';
import { texts } from '../texts/parts.ts';
import classes from './parts.module.css';

/** The end of a form in a dialog: do it, or leave it. */
export function FormActs(props: {
  readonly submit: string;
  readonly disabled: boolean;
  readonly close: () => void;
  /** It says no, or takes away. */
  readonly red?: boolean;
}) {
  const { submit, disabled, close, red = false } = props;
  return (
    <div className={classes.formActs}>
      <Button type="submit" disabled={disabled} {...(red && { color: 'red' })}>
        {submit}
      </Button>
      <Button variant="default" onClick={close}>
        {texts.cancel}
      </Button>
    </div>
  );
}
