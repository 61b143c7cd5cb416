import { useQuery } from '@tanstack/react-query';
import { historyOf } from '../../api/house.ts';
import { workflows } from '../../api/queries.ts';
import { Failure } from '../../parts/Failure.tsx';
import classes from '../../parts/list.module.css';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/map.ts';
import { Deployments } from './Deployments.tsx';
import { Difference } from './Difference.tsx';
import type { MapSearch } from './search.ts';

/** Which version counts, since when, who made it so and why; in what two differ; and the way back. */
export function Versions(props: { readonly workflow: string; readonly search: MapSearch }) {
  const { workflow, search } = props;
  const history = useQuery(historyOf(workflow));
  const known = useQuery(workflows);
  const inForce = known.data?.workflows.find(({ name }) => name === workflow);
  const differs = inForce?.folder_version != null && inForce.folder_version !== inForce.version;
  return (
    <section className={classes.section}>
      <div className={classes.sectionHead}>
        <h2>{texts.versions.title}</h2>
      </div>
      {differs && <p className={classes.told}>{texts.versions.folder}</p>}
      {history.isPending && <Waiting rows={3} />}
      {history.data === undefined && history.error !== null && (
        <Failure error={history.error} retry={() => void history.refetch()} />
      )}
      {history.data !== undefined && (
        <>
          <Deployments
            history={history.data}
            owners={inForce === undefined ? [] : [inForce.owner, inForce.alternate]}
          />
          <Difference history={history.data} search={search} />
        </>
      )}
    </section>
  );
}
