import { useState } from 'react';
import { texts } from '../texts/parts.ts';
import { cut, piecesOf } from './foreign.ts';
import classes from './parts.module.css';

/** Characters shown at first, and by each `show more`. */
const firstChars = 2_000;

interface ForeignProps {
  readonly text: string;
  /** So many characters are shown at first. */
  readonly chars?: number;
  /** Cut without a way to see more: within a link, say. */
  readonly plain?: boolean;
}

/** Text that somebody else wrote. It stays text, and takes no more room than it should. */
export function Foreign({ text, chars = firstChars, plain = false }: ForeignProps) {
  const [shown, setShown] = useState(chars);
  const visible = cut(text, shown);
  const pieces = piecesOf(visible);
  return (
    <bdi className={classes.foreign}>
      {pieces.map((piece, index) =>
        'text' in piece ? (
          piece.text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never move
          <abbr key={index} className={classes.sign} title={piece.name}>
            {piece.sign}
          </abbr>
        ),
      )}
      {visible.length < text.length && plain && '…'}
      {visible.length < text.length && !plain && (
        <button
          type="button"
          className={classes.more}
          onClick={() => setShown(Math.min(text.length, shown + 20 * firstChars))}
        >
          {texts.showMore(text.length - visible.length)}
        </button>
      )}
    </bdi>
  );
}
