import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { me } from './api/me.ts';
import { Problem } from './api/problem.ts';
import { queries } from './api/queries.ts';
import { filterOf } from './screens/exceptions/filter.ts';
import { inventoryFilterOf } from './screens/inventory/filter.ts';
import { mapSearchOf } from './screens/map/search.ts';
import { searchOf } from './screens/tickets/search.ts';
import { Broken, Missing } from './shell/Broken.tsx';
import { Frame } from './shell/Frame.tsx';

/** Every address of the console. A screen is loaded when it is first gone to. */

const root = createRootRoute({ notFoundComponent: Missing, errorComponent: Broken });

/** Behind it somebody is signed in; who is not, comes back to the same address once they are. */
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Frame,
  beforeLoad: async ({ location }) => {
    // Known already: a server that does not answer at this moment does not send anybody away.
    if (queries.getQueryData(me.queryKey) !== undefined) return;
    try {
      await queries.fetchQuery({ ...me, retry: false });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      const from = location.href === '/' ? undefined : location.href;
      throw redirect({ to: '/sign-in', search: from === undefined ? {} : { from } });
    }
  },
});

const home = createRoute({
  getParentRoute: () => frame,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/today' });
  },
});

const today = createRoute({
  getParentRoute: () => frame,
  path: '/today',
  component: lazyRouteComponent(() => import('./screens/today/Today.tsx'), 'Today'),
});

const exceptions = createRoute({
  getParentRoute: () => frame,
  path: '/exceptions',
  validateSearch: filterOf,
  component: lazyRouteComponent(() => import('./screens/exceptions/Exceptions.tsx'), 'Exceptions'),
});

const exception = createRoute({ getParentRoute: () => exceptions, path: '$ticketId/$seq' });

const tickets = createRoute({
  getParentRoute: () => frame,
  path: '/tickets',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./screens/tickets/Tickets.tsx'), 'Tickets'),
});

const ticket = createRoute({
  getParentRoute: () => frame,
  path: '/tickets/$id',
  component: lazyRouteComponent(() => import('./screens/tickets/Ticket.tsx'), 'Ticket'),
});

const maps = createRoute({
  getParentRoute: () => frame,
  path: '/map',
  component: lazyRouteComponent(() => import('./screens/map/Maps.tsx'), 'Maps'),
});

const map = createRoute({
  getParentRoute: () => frame,
  path: '/map/$workflow',
  validateSearch: mapSearchOf,
  component: lazyRouteComponent(() => import('./screens/map/WorkflowMap.tsx'), 'WorkflowMap'),
});

const inventory = createRoute({
  getParentRoute: () => frame,
  path: '/inventory',
  validateSearch: inventoryFilterOf,
  component: lazyRouteComponent(() => import('./screens/inventory/Inventory.tsx'), 'Inventory'),
});

const handoffs = createRoute({
  getParentRoute: () => frame,
  path: '/handoffs',
  component: lazyRouteComponent(() => import('./screens/handoffs/Handoffs.tsx'), 'Handoffs'),
});

const destination = createRoute({
  getParentRoute: () => frame,
  path: '/handoffs/$destination',
  component: lazyRouteComponent(() => import('./screens/handoffs/Destination.tsx'), 'Destination'),
});

const approvals = createRoute({
  getParentRoute: () => frame,
  path: '/approvals',
  component: lazyRouteComponent(() => import('./screens/approvals/Approvals.tsx'), 'Approvals'),
});

const approval = createRoute({ getParentRoute: () => approvals, path: '$ticketId/$handoffSeq' });
const outcome = createRoute({ getParentRoute: () => approvals, path: 'outcomes/$ticketId/$handoffSeq' });

const people = createRoute({
  getParentRoute: () => frame,
  path: '/people',
  component: lazyRouteComponent(() => import('./screens/people/People.tsx'), 'People'),
});

const person = createRoute({
  getParentRoute: () => frame,
  path: '/people/$key',
  component: lazyRouteComponent(() => import('./screens/people/Person.tsx'), 'Person'),
});

const settings = createRoute({
  getParentRoute: () => frame,
  path: '/settings',
  component: lazyRouteComponent(() => import('./screens/settings/Settings.tsx'), 'Settings'),
});

const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/sources' });
  },
});

const sources = createRoute({
  getParentRoute: () => settings,
  path: 'sources',
  component: lazyRouteComponent(() => import('./screens/settings/Sources.tsx'), 'Sources'),
});

const source = createRoute({
  getParentRoute: () => settings,
  path: 'sources/$key',
  component: lazyRouteComponent(() => import('./screens/settings/Source.tsx'), 'Source'),
});

const destinationSettings = createRoute({
  getParentRoute: () => settings,
  path: 'destinations',
  component: lazyRouteComponent(() => import('./screens/settings/Destinations.tsx'), 'Destinations'),
});

const keys = createRoute({
  getParentRoute: () => settings,
  path: 'keys',
  component: lazyRouteComponent(() => import('./screens/settings/Keys.tsx'), 'Keys'),
});

const ownSignIn = createRoute({
  getParentRoute: () => settings,
  path: 'sign-in',
  component: lazyRouteComponent(() => import('./screens/settings/SignIn.tsx'), 'SignIn'),
});

const accounts = createRoute({
  getParentRoute: () => settings,
  path: 'accounts',
  component: lazyRouteComponent(() => import('./screens/settings/Accounts.tsx'), 'Accounts'),
});

const account = createRoute({
  getParentRoute: () => settings,
  path: 'accounts/$person',
  component: lazyRouteComponent(() => import('./screens/settings/Account.tsx'), 'Account'),
});

const acts = createRoute({
  getParentRoute: () => settings,
  path: 'acts',
  validateSearch: ({ person }: Readonly<Record<string, unknown>>): { readonly person?: string } =>
    typeof person === 'string' ? { person } : {},
  component: lazyRouteComponent(() => import('./screens/settings/Acts.tsx'), 'Acts'),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  // What a provider of single sign-on sends back stands there too, and is left as it is.
  validateSearch: (search: Readonly<Record<string, unknown>>): { readonly from?: string } => search,
  component: lazyRouteComponent(() => import('./screens/sign-in/SignIn.tsx'), 'SignIn'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    frame.addChildren([
      home,
      today,
      exceptions.addChildren([exception]),
      tickets,
      ticket,
      maps,
      map,
      inventory,
      handoffs,
      destination,
      approvals.addChildren([approval, outcome]),
      people,
      person,
      settings.addChildren([
        settingsHome,
        sources,
        source,
        destinationSettings,
        keys,
        ownSignIn,
        accounts,
        account,
        acts,
      ]),
    ]),
    signIn,
  ]),
  defaultPreload: 'intent',
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return text === '' ? '' : `?${text}`;
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
