import { Link } from '@tanstack/react-router';
import classes from './list.module.css';
import { Ref } from './Ref.tsx';

/** Where persons and teams are shown, with what each has open. */
const people: string = '/people';

/** A person or team, as a way to what they answer for. */
export function PersonLink({ of }: { readonly of: string }) {
  return (
    <Link to={people} hash={of} className={classes.person}>
      <Ref of={of} />
    </Link>
  );
}
