import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { differenceOf } from '../../api/house.ts';
import classes from '../../parts/list.module.css';
import { notify } from '../../parts/Notices.tsx';
import { ReasonDialog } from '../../parts/ReasonDialog.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/map.ts';
import { shortVersion } from './version.ts';
import { Words } from './Words.tsx';

/** Puts a stored version in force again, once one has seen what that changes and said why. */
export function RollBack(props: {
  readonly workflow: string;
  readonly from: string | null;
  readonly to: string;
  readonly close: () => void;
}) {
  const { workflow, from, to, close } = props;
  const client = useQueryClient();
  const run = async (reason: string) => {
    await api.POST('/api/workflows/{name}/rollback', {
      params: { path: { name: workflow } },
      body: { version: to, reason },
    });
    notify(texts.versions.rolled(shortVersion(to)));
    await client.invalidateQueries({
      predicate: ({ queryKey: [noun] }) =>
        ['history', 'map', 'workflows', 'inventory'].includes(String(noun)),
    });
  };
  return (
    <ReasonDialog
      title={texts.versions.rollTitle(shortVersion(to))}
      label={texts.versions.rollWhy}
      run={run}
      close={close}
      does={
        <div className={classes.section}>
          <p>{texts.versions.rollDoes}</p>
          {from !== null && <Change workflow={workflow} from={from} to={to} />}
        </div>
      }
    />
  );
}

function Change({ workflow, from, to }: { workflow: string; from: string; to: string }) {
  const difference = useQuery(differenceOf(workflow, from, to));
  if (difference.data !== undefined) return <Words difference={difference.data} />;
  // Without it one may roll back all the same.
  return difference.isPending ? <Waiting rows={2} height={20} /> : null;
}
