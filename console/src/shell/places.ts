import type { IconName } from '../parts/Icon.tsx';
import { texts } from '../texts/shell.ts';

/** Where one can go: the navigation, the palette and `g` with a letter have it from here. One line a screen. */
export const places = [
  { to: '/today', name: texts.places.today, icon: 'today', keys: 'g d' },
  { to: '/exceptions', name: texts.places.exceptions, icon: 'inbox', keys: 'g e' },
  { to: '/tickets', name: texts.places.tickets, icon: 'ticket', keys: 'g t' },
  { to: '/approvals', name: texts.places.approvals, icon: 'check', keys: 'g a' },
  { to: '/map', name: texts.places.map, icon: 'map', keys: 'g m' },
  { to: '/inventory', name: texts.places.inventory, icon: 'inventory', keys: 'g i' },
  { to: '/handoffs', name: texts.places.handoffs, icon: 'handoff', keys: 'g h' },
  { to: '/people', name: texts.places.people, icon: 'team', keys: 'g p' },
  { to: '/settings', name: texts.places.settings, icon: 'settings', keys: 'g s' },
] as const satisfies readonly { to: string; name: string; icon: IconName; keys: string }[];
