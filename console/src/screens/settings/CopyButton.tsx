import { Icon } from '../../parts/Icon.tsx';
import { notify } from '../../parts/Notices.tsx';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';

export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  // Only where the page came by https, or from this machine.
  if (navigator.clipboard === undefined) return null;
  return (
    <button
      type="button"
      className={classes.copy}
      title={texts.copy(what)}
      onClick={() => void navigator.clipboard.writeText(text).then(() => notify(texts.copied))}
    >
      <Icon name="copy" label={texts.copy(what)} />
    </button>
  );
}
