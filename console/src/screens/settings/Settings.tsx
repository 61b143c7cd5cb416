import { Link, Outlet } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useMe } from '../../api/me.ts';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';

const places = [
  { to: '/settings/sources', name: texts.places.sources, right: 'read' },
  { to: '/settings/destinations', name: texts.places.destinations, right: 'read' },
  { to: '/settings/keys', name: texts.places.keys, right: null },
  { to: '/settings/sign-in', name: texts.places.signIn, right: null },
  { to: '/settings/accounts', name: texts.places.accounts, right: 'administer' },
  { to: '/settings/acts', name: texts.places.acts, right: 'administer' },
] as const;

/** The sections; those that one may not see are not there. */
export function Settings() {
  const me = useMe();
  const tabs = useRef<HTMLElement>(null);
  // On a narrow screen the tabs scroll.
  useEffect(() => {
    tabs.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
  return (
    <div className={classes.page}>
      <h1>{texts.title}</h1>
      <nav ref={tabs} className={classes.tabs} aria-label={texts.sections}>
        {places
          .filter(({ right }) => right === null || me.may(right))
          .map(({ to, name }) => (
            <Link key={to} to={to} className={classes.tab} activeProps={{ 'aria-current': 'page' }}>
              {name}
            </Link>
          ))}
      </nav>
      <Outlet />
    </div>
  );
}
