import { texts } from '../../texts/settings.ts';
import { Codes } from './Codes.tsx';
import { Passkeys } from './Passkeys.tsx';
import { Password } from './Password.tsx';
import { Sessions } from './Sessions.tsx';
import classes from './Settings.module.css';

/** How one proves who one is, and where one is signed in. */
export function SignIn() {
  return (
    <section className={classes.section} aria-labelledby="sign-in">
      <h2 id="sign-in">{texts.account.title}</h2>
      <div className={classes.panels}>
        <Passkeys />
        <Password />
        <Codes />
        <Sessions />
      </div>
    </section>
  );
}
