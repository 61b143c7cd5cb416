import { type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core';
import { useCallback } from 'react';
import { Icon } from '../parts/Icon.tsx';
import { texts } from '../texts/shell.ts';
import classes from './Frame.module.css';

const schemes: readonly MantineColorScheme[] = ['auto', 'light', 'dark'];

export function useNextTheme(): () => void {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return useCallback(() => {
    setColorScheme(schemes[(schemes.indexOf(colorScheme) + 1) % schemes.length] ?? 'auto');
  }, [colorScheme, setColorScheme]);
}

export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" width={170}>
      <Menu.Target>
        <button type="button" className={classes.sign} title={texts.theme.label}>
          <Icon name={colorScheme === 'dark' ? 'moon' : 'sun'} label={texts.theme.label} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            rightSection={scheme === colorScheme ? <Icon name="check" /> : null}
          >
            {texts.theme[scheme]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
