import type { Difference } from '../../api/house.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import { Icon } from '../../parts/Icon.tsx';
import listClasses from '../../parts/list.module.css';
import { texts } from '../../texts/map.ts';
import classes from './Map.module.css';

/** In what two versions differ, in words; what refuses payloads that were taken is marked. */
export function Words({ difference }: { readonly difference: Difference }) {
  if (difference.differences.length === 0) {
    return <p className={listClasses.dim}>{texts.versions.nothing}</p>;
  }
  return (
    <ul className={classes.difference}>
      {difference.differences.map(({ path, kind, words, breaking }) => (
        <li key={`${path} ${kind} ${words}`} data-breaking={breaking === true}>
          <Foreign text={words} chars={600} />
          <span className={listClasses.small}>
            <code>{path}</code>
          </span>
          {breaking !== false && (
            <span className={breaking === true ? classes.breaking : listClasses.small}>
              {breaking === true && <Icon name="alert" />}{' '}
              {breaking === true ? texts.versions.breaking : texts.versions.maybe}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
