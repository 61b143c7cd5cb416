import { Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../api/client.ts';
import { useMe } from '../api/me.ts';
import { problemText } from '../api/problem.ts';
import { Icon } from '../parts/Icon.tsx';
import { notify } from '../parts/Notices.tsx';
import { texts } from '../texts/shell.ts';
import classes from './Frame.module.css';

/** Who is signed in, and the way out. */
export function Account() {
  const me = useMe();
  const client = useQueryClient();
  const navigate = useNavigate();
  const signOut = async () => {
    try {
      await api.POST('/api/sign-out');
      client.clear();
      await navigate({ to: '/sign-in' });
    } catch (error) {
      notify(problemText(error), { bad: true });
    }
  };
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <button type="button" className={classes.sign} title={me.name}>
          <Icon name="person" label={`${texts.signedInAs} ${me.name}`} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {texts.signedInAs} {me.name}
        </Menu.Label>
        <Menu.Item onClick={() => void navigate({ to: '/settings/sign-in' })}>{texts.yourSignIn}</Menu.Item>
        <Menu.Item onClick={() => void navigate({ to: '/settings/keys' })}>{texts.yourKeys}</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>{texts.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
