/** The few signs of the console, drawn in a field of 16 by 16. Always beside a word, or with one for screen readers. */
const paths = {
  alert: 'M8 2.5 14.2 13.3H1.8zM8 6.5v3M8 11.3v.1',
  arrow: 'M3 8h10M9.5 4.5 13 8l-3.5 3.5',
  back: 'M13 8H3M6.5 4.5 3 8l3.5 3.5',
  check: 'm3 8.5 3.3 3.3L13 4.8',
  clock: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M8 4.7V8l2.3 1.5',
  close: 'm4 4 8 8M12 4l-8 8',
  copy: 'M5.5 5.5h8v8h-8zM3 10.5H2.5v-8h8V3',
  download: 'M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.8 13.3h10.4',
  handoff: 'M2 8h8.5M7.5 5l3 3-3 3M13.5 3v10',
  help: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M6.3 6.2a1.8 1.8 0 1 1 2.5 1.7c-.5.2-.8.6-.8 1.1v.3M8 11.3v.1',
  inbox: 'M1.8 9.5 4 3h8l2.2 6.5v3.7H1.8zM1.8 9.5h3.4l1 1.8h3.6l1-1.8h3.4',
  list: 'M6 4.5h7.5M6 8h7.5M6 11.5h7.5M2.8 4.5h.1M2.8 8h.1M2.8 11.5h.1',
  map: 'M8 2v3M8 8v2.5M5.5 5h5v3h-5zM5.5 10.5h5v3h-5zM5.5 6.5H2v5.5M2 12h.1',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  inventory: 'M2.5 3h4v4h-4zM9.5 3h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z',
  moon: 'M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  person: 'M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8M2.9 13.5c.5-2.5 2.5-3.7 5.1-3.7s4.6 1.2 5.1 3.7',
  play: 'M5 3.2 12.5 8 5 12.8z',
  print: 'M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7z',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9m3.3 7.8L13.5 13.5',
  settings:
    'M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4M8 1.8v1.7M8 12.5v1.7M3.6 3.6l1.2 1.2M11.2 11.2l1.2 1.2M1.8 8h1.7M12.5 8h1.7M3.6 12.4l1.2-1.2M11.2 4.8l1.2-1.2',
  source: 'M2.5 8h7M7 5.5 9.5 8 7 10.5M11.5 3v10',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.3M8 13.2v1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M1.5 8h1.3M13.2 8h1.3M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  team: 'M5.8 7.8a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6M1.5 13c.4-2.2 2.1-3.3 4.3-3.3s3.9 1.1 4.3 3.3M10.6 3.4a2.3 2.3 0 0 1 0 4.3M12 9.9c1.3.5 2.2 1.5 2.5 3.1',
  ticket: 'M3.5 2.5h9v11l-2.2-1.3L8 13.5l-2.3-1.3-2.2 1.3zM6 6h4M6 8.8h4',
  today: 'M2.5 3.8h11v9.7h-11zM2.5 6.8h11M5.3 2.3v2.5M10.7 2.3v2.5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, label }: { readonly name: IconName; readonly label?: string }) {
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: hidden, or named by aria-label
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      <path d={paths[name]} />
    </svg>
  );
}
