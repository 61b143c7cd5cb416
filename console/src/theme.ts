import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** One accent. Signal-box blue, as enamel plates have it. */
const signal: MantineColorsTuple = [
  '#eef3ff',
  '#dbe5fd',
  '#b5c9fa',
  '#8fadf7',
  '#7a9ff7',
  '#4a78e6',
  '#2b5fd9',
  '#244fb6',
  '#1d4093',
  '#163170',
];

/** Mantine's greys of the dark scheme, as theme.css has them. */
const dark: MantineColorsTuple = [
  '#e4e7eb',
  '#b8c0ca',
  '#9da7b3',
  '#5b6470',
  '#444c56',
  '#2a2f36',
  '#1c1f24',
  '#15171b',
  '#101216',
  '#0b0c0f',
];

const sans =
  'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
const mono = 'ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

export const theme = createTheme({
  primaryColor: 'signal',
  primaryShade: 6,
  colors: { signal, dark },
  fontFamily: sans,
  fontFamilyMonospace: mono,
  headings: { fontFamily: sans, fontWeight: '600' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  components: {
    // The page itself does not scroll; and the lock adds a style that the policy refuses.
    Modal: {
      defaultProps: {
        lockScroll: false,
        transitionProps: { duration: 80 },
        centered: false,
        yOffset: '12vh',
        // The head of a dialog is not the banner of the page.
        attributes: { header: { role: 'presentation' } },
      },
    },
    TextInput: { defaultProps: { size: 'sm' } },
    NativeSelect: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
    Button: { defaultProps: { size: 'sm' } },
  },
});

/** Mantine's own variables on our colours (theme.css), which satisfy WCAG AA on their ground. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: mantine,
  dark: mantine,
});

const mantine = {
  '--mantine-color-body': 'var(--ground)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--dim)',
  '--mantine-color-placeholder': 'var(--dim)',
  '--mantine-color-default': 'var(--ground)',
  '--mantine-color-default-hover': 'var(--raised)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--bad)',
};
