import { Button, Modal } from '@mantine/core';
import { texts } from '../texts/parts.ts';
import classes from './parts.module.css';

/** Asks once more before what cannot be taken back. */
export function Sure(props: {
  readonly opened: boolean;
  readonly close: () => void;
  readonly title: string;
  readonly text: string;
  readonly submit: string;
  readonly run: () => void;
}) {
  const { opened, close, title, text, submit, run } = props;
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': texts.close }}>
      <div className={classes.form}>
        <p>{text}</p>
        <div className={classes.formActs}>
          <Button
            color="red"
            data-autofocus
            onClick={() => {
              close();
              run();
            }}
          >
            {submit}
          </Button>
          <Button variant="default" onClick={close}>
            {texts.cancel}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
