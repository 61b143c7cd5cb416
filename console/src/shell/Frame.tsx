import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { me } from '../api/me.ts';
import { watchPresence } from '../api/presence.ts';
import { useSignedOut } from '../api/signed-in.ts';
import { listen, useConnection } from '../api/stream.ts';
import { Icon } from '../parts/Icon.tsx';
import { Notices, notify, undoLast } from '../parts/Notices.tsx';
import { texts } from '../texts/shell.ts';
import { Account } from './Account.tsx';
import classes from './Frame.module.css';
import { Help } from './Help.tsx';
import { noteOverlays, onKeyDown, type Shortcut, useShortcuts } from './keys.ts';
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
  const client = useQueryClient();
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
    window.addEventListener('keydown', noteOverlays, true);
    document.addEventListener('keydown', onKeyDown);
    // Who is signed out is told so by this answer, and who works without asking for anything is seen by it.
    const ask = () => void client.refetchQueries({ queryKey: me.queryKey });
    const stops = [watchPresence(document, ask), listen(ask)];
    return () => {
      window.removeEventListener('keydown', noteOverlays, true);
      document.removeEventListener('keydown', onKeyDown);
      for (const stop of stops) stop();
    };
  }, [client]);

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
  const out = useSignedOut();
  const was = useRef(out);
  const client = useQueryClient();
  useEffect(() => {
    // It may be somebody else who has signed in.
    if (was.current && !out) void client.invalidateQueries();
    was.current = out;
  }, [client, out]);
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
      <span className={classes.banner} role="status" data-shown={lost || out}>
        {out ? <SignedOut /> : lost && texts.connection.banner}
      </span>
    </>
  );
}

/** The way back in, beside: what was typed here stays. */
function SignedOut() {
  const from = useLocation({ select: ({ href }) => href });
  return (
    <>
      {texts.connection.signedOut}{' '}
      <Link to="/sign-in" search={{ from }} target="_blank" rel="noopener">
        {texts.connection.signIn}
      </Link>
    </>
  );
}
