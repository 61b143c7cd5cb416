import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { connect, disconnect, useConnection } from '../api/stream.ts';
import { Icon } from '../parts/Icon.tsx';
import { Notices, notify, undoLast } from '../parts/Notices.tsx';
import { texts } from '../texts/shell.ts';
import { Account } from './Account.tsx';
import classes from './Frame.module.css';
import { Help } from './Help.tsx';
import { onKeyDown, type Shortcut, useShortcuts } from './keys.ts';
import { Palette } from './Palette.tsx';
import { places } from './places.ts';
import { ThemeSwitch, useNextTheme } from './ThemeSwitch.tsx';

/** What is around every screen: where one is, where one can go, whether it is live. */
export function Frame() {
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [menu, setMenu] = useState(false);
  const nextTheme = useNextTheme();
  const navigate = useNavigate();
  const shortcuts = useMemo<Shortcut[]>(() => {
    const everywhere = (keys: string, what: string, run: () => void, always = false) => ({
      keys,
      what,
      run,
      always,
      group: texts.groups.everywhere,
    });
    return [
      everywhere('mod+k', texts.shortcuts.palette, () => setPalette(true), true),
      everywhere('/', texts.shortcuts.palette, () => setPalette(true)),
      everywhere('?', texts.shortcuts.help, () => setHelp(true)),
      everywhere('u', texts.shortcuts.undo, () => {
        if (!undoLast()) notify(texts.nothingToUndo);
      }),
      everywhere('t', texts.shortcuts.theme, nextTheme),
      ...places.map(({ to, name, keys }) => ({
        keys,
        what: name,
        group: texts.groups.go,
        run: () => void navigate({ to }),
      })),
    ];
  }, [navigate, nextTheme]);
  useShortcuts(shortcuts);
  useEffect(() => {
    document.addEventListener('keydown', onKeyDown);
    connect();
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      disconnect();
    };
  }, []);

  return (
    <div className={classes.frame}>
      <a href="#main" className={classes.skip}>
        {texts.skip}
      </a>
      <header className={classes.bar}>
        <button
          type="button"
          className={classes.menu}
          aria-expanded={menu}
          aria-controls="navigation"
          onClick={() => setMenu(!menu)}
        >
          <Icon name="menu" label={texts.menu} />
        </button>
        <Link to="/today" className={classes.product}>
          <img src="/icon.svg" width="20" height="20" alt="" />
          {texts.product}
        </Link>
        <button type="button" className={classes.search} onClick={() => setPalette(true)}>
          <Icon name="search" />
          <span className={classes.searchText}>{texts.search}</span>
          <kbd>{isApple ? '⌘K' : 'Ctrl K'}</kbd>
        </button>
        <span className={classes.space} />
        <ConnectionState />
        <button type="button" className={classes.sign} onClick={() => setHelp(true)} title={texts.help.open}>
          <Icon name="help" label={texts.help.open} />
        </button>
        <ThemeSwitch />
        <Account />
      </header>
      <nav id="navigation" className={classes.navigation} aria-label={texts.navigation} data-open={menu}>
        {places.map(({ to, name, icon }) => (
          <Link
            key={to}
            to={to}
            className={classes.place}
            activeProps={{ className: classes.here, 'aria-current': 'page' }}
            onClick={() => setMenu(false)}
          >
            <Icon name={icon} />
            {name}
          </Link>
        ))}
      </nav>
      <main id="main" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
      <Palette opened={palette} close={() => setPalette(false)} />
      <Help opened={help} close={() => setHelp(false)} />
      <Notices />
    </div>
  );
}

const isApple = /mac|iphone|ipad/i.test(navigator.userAgent);

function ConnectionState() {
  const connection = useConnection();
  const [lost, setLost] = useState(false);
  useEffect(() => {
    if (connection === 'live') {
      setLost(false);
      return;
    }
    // A blink is not worth a word.
    const timer = setTimeout(() => setLost(true), 2_000);
    return () => clearTimeout(timer);
  }, [connection]);
  const live = connection === 'live';
  return (
    <>
      <span
        className={classes.connection}
        data-connection={connection}
        title={live ? texts.connection.liveTitle : texts.connection.connectingTitle}
      >
        {live ? texts.connection.live : texts.connection.connecting}
      </span>
      <span className={classes.banner} role="status" data-shown={lost}>
        {lost && texts.connection.banner}
      </span>
    </>
  );
}
