export const texts = {
  title: 'Sign in to Signalbox',
  signingIn: 'Signing in…',
  byLink: 'With a one-time link: the server prints the first one when it starts.',
  link: 'Link',
  signIn: 'Sign in',
  lost: 'No link? Somebody with access to the server makes one:',
};
