import { Icon } from './Icon.tsx';
import classes from './parts.module.css';

/** A person or team by its reference, `person:dana`; anything else as it is. */
export function Ref({ of }: { readonly of: string }) {
  const [, kind, name] = /^(person|team|source):(.+)$/.exec(of) ?? [];
  if (name === undefined) return <bdi>{of}</bdi>;
  return (
    <span className={classes.ref} title={of}>
      <Icon name={kind === 'team' ? 'team' : kind === 'source' ? 'source' : 'person'} />
      <bdi>{name}</bdi>
    </span>
  );
}
