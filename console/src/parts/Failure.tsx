import { Button } from '@mantine/core';
import { Problem } from '../api/problem.ts';
import { texts } from '../texts/parts.ts';
import classes from './parts.module.css';

/** What went wrong, what to do, and the id by which the server's log has it. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const { title, help, request } = told(error);
  return (
    <div role="alert" className={classes.failure}>
      <strong>{title}</strong>
      {help !== null && <p>{help}</p>}
      {request !== null && (
        <p className={classes.dim}>
          {texts.requestId} <code>{request}</code>
        </p>
      )}
      {retry !== undefined && (
        <Button size="xs" variant="default" onClick={retry}>
          {texts.retry}
        </Button>
      )}
    </div>
  );
}

function told(error: unknown): { title: string; help: string | null; request: string | null } {
  if (!(error instanceof Problem)) {
    return { title: texts.unexpected, help: texts.unexpectedHelp, request: null };
  }
  return { title: error.message, help: error.help, request: error.request };
}
