import type { ReactNode } from 'react';
import type { AnswerOf } from '../../api/client.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { span } from '../../parts/moments.ts';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';
import { Would } from './Would.tsx';

type Answer = AnswerOf<'checkDelivery'>;

/** What was found of a delivery, step by step. */
export function Checked({ answer }: { readonly answer: Answer }) {
  const { proof } = answer;
  const { matched } = proof;
  const told = texts.check;
  return (
    <div className={classes.checked}>
      <p className={classes.verdict} data-good={proof.authentic}>
        <Icon name={proof.authentic ? 'check' : 'alert'} />
        <strong>{proof.authentic ? told.taken : told.refused}</strong> {proof.message}
      </p>
      <dl className={classes.steps}>
        {proof.secrets.length > 0 && (
          <Step name={proof.holds ? told.holds : told.fails} good={proof.holds}>
            {matched === null ? told.fitsNone : told.fits(matched.place, matched.number, matched.of)}
          </Step>
        )}
        {proof.secrets.length > 0 && (
          <Step name={told.secrets} good={proof.secrets.every(({ usable }) => usable > 0)}>
            {proof.secrets.map(({ place, values, usable }) => (
              <span key={place} className={classes.block}>
                {place}: {told.secretValues(values, usable)}
              </span>
            ))}
          </Step>
        )}
        {proof.places.length > 0 && (
          <Step name={told.places} good={proof.places.some(({ found }) => found)}>
            {proof.places.map(({ place, found }) => (
              <span key={place} className={classes.block}>
                <code>{place}</code>: {found ? told.found : told.missing}
              </span>
            ))}
          </Step>
        )}
        {proof.secrets.length > 0 && (
          <Step name={told.signed}>
            {proof.signed === null ? told.unsigned : <Signed signed={proof.signed} />}
          </Step>
        )}
        {proof.time !== null && (
          <Step name={told.time} good={proof.time.within}>
            <code>{proof.time.place}</code>: {ageText(proof.time)}
          </Step>
        )}
        <Step name={told.would}>
          {answer.would === null ? (
            <Foreign text={answer.undecided ?? ''} chars={400} />
          ) : (
            <Would would={answer.would} />
          )}
        </Step>
      </dl>
      {proof.secrets.length > 0 && <p className={classes.hint}>{told.secretNote}</p>}
    </div>
  );
}

function Step(props: { readonly name: string; readonly good?: boolean; readonly children: ReactNode }) {
  const { name, good, children } = props;
  return (
    <div data-good={good}>
      <dt>
        {good !== undefined && <Icon name={good ? 'check' : 'close'} />}
        {name}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function Signed({ signed }: { readonly signed: NonNullable<Answer['proof']['signed']> }) {
  const names = signed.parts.filter(({ part }) => part.startsWith('{'));
  return (
    <>
      <code>{signed.template}</code>
      <table className={classes.parts}>
        <thead>
          <tr>
            <th scope="col">{texts.check.part}</th>
            <th scope="col">{texts.check.bytes}</th>
          </tr>
        </thead>
        <tbody>
          {names.map(({ part, bytes }) => (
            <tr key={part}>
              <th scope="row">
                <code>{part}</code>
              </th>
              <td>{bytes === null ? texts.check.untold : bytes.toLocaleString('en')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function ageText({
  age_ms: age,
  tolerance_ms: tolerance,
  unit,
}: NonNullable<Answer['proof']['time']>): string {
  if (age === null) return texts.check.noTime(unit);
  return age < 0
    ? texts.check.ahead(span(age), span(tolerance))
    : texts.check.age(span(age), span(tolerance));
}
