import { Checkbox } from '@mantine/core';
import { texts } from '../../texts/settings.ts';
import { type Role, roles } from './accounts.ts';
import classes from './Settings.module.css';

export function RoleChoice(props: {
  readonly chosen: readonly Role[];
  /** The id of the heading that names them; else they have one of their own. */
  readonly labelledBy?: string;
  readonly choose: (chosen: readonly Role[]) => void;
}) {
  const { chosen, choose, labelledBy } = props;
  return (
    <fieldset className={classes.choices} aria-labelledby={labelledBy}>
      {labelledBy === undefined && <legend>{texts.accounts.roles}</legend>}
      {roles.map((role) => (
        <Checkbox
          key={role}
          label={role}
          description={texts.accounts.roleTexts[role]}
          checked={chosen.includes(role)}
          onChange={({ currentTarget }) =>
            choose(roles.filter((each) => (each === role ? currentTarget.checked : chosen.includes(each))))
          }
        />
      ))}
    </fieldset>
  );
}
