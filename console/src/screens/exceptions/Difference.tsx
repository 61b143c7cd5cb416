import { Foreign } from '../../parts/Foreign.tsx';
import type { Changed } from '../../payload/changes.ts';
import { texts } from '../../texts/exceptions.ts';
import classes from './Detail.module.css';

/** What was changed, place by place. */
export function Difference({ changes }: { readonly changes: readonly Changed[] }) {
  return (
    <div className={classes.difference}>
      <h4>{texts.repair.difference}</h4>
      {changes.length === 0 && <p className={classes.hint}>{texts.repair.unchanged}</p>}
      {changes.length > 0 && (
        <ul>
          {changes.slice(0, 100).map(({ path, before, after }) => (
            <li key={path}>
              <code>{path === '' ? '/' : path}</code>
              {before !== undefined && (
                <del>
                  <Foreign text={JSON.stringify(before)} chars={200} />
                </del>
              )}
              {after !== undefined && (
                <ins>
                  <Foreign text={JSON.stringify(after)} chars={200} />
                </ins>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
