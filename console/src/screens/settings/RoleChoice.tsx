import { Checkbox } from '@mantine/core';
import { texts } from '../../texts/settings.ts';
import { type Role, roles } from './accounts.ts';
import classes from './Settings.module.css';

export function RoleChoice(props: {
  readonly chosen: readonly Role[];
  readonly choose: (chosen: readonly Role[]) => void;
}) {
  const { chosen, choose } = props;
  return (
    <fieldset className={classes.choices}>
      <legend>{texts.accounts.roles}</legend>
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
