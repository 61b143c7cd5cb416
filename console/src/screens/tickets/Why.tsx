import type { ReactNode } from 'react';
import type { Explanation } from '../../api/shapes.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { texts } from '../../texts/tickets.ts';
import type { RungName } from './ladder.ts';
import classes from './Tickets.module.css';

type Explained = Explanation['explanation'];
type Trace = Explained['checks'][number]['that'];

/** What a rung saw: values, conditions, and the arithmetic of its confidence. */
export function Why({ rung, explanation }: { readonly rung: RungName; readonly explanation: Explanation }) {
  const { fields, checks, routing } = explanation.explanation;
  if (rung === 'transform' && fields.length > 0) {
    return (
      <Fold title={texts.why.fields(fields.length)}>
        <table className={classes.table}>
          <tbody>
            {fields.map(({ name, made }) => (
              <tr key={name} data-wrong={made.problem !== null}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td>
                  <code>
                    <Foreign text={made.value ?? made.problem ?? ''} chars={300} />
                  </code>
                </td>
                <td className={classes.dim}>
                  <code>{made.text}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Fold>
    );
  }
  if (rung === 'checks' && checks.length > 0) {
    return (
      <Fold title={texts.why.checks(checks.length)}>
        {checks.map(({ id, held, that }) => (
          <Condition key={id} held={held} trace={that} name={id} />
        ))}
      </Fold>
    );
  }
  if (rung === 'routing' && routing !== null) return <Routing routing={routing} />;
  return null;
}

function Routing({ routing }: { readonly routing: NonNullable<Explained['routing']> }) {
  const { confidence, rules, threshold } = routing;
  return (
    <>
      {confidence !== null && (
        <p className={classes.arithmetic}>
          {texts.why.arithmetic({
            best: `${confidence.best.matched}/${confidence.best.all}`,
            second: confidence.runner_up && `${confidence.runner_up.matched}/${confidence.runner_up.all}`,
            result: String(Math.round(confidence.confidence * 1000) / 1000),
            threshold: String(threshold),
            enough: confidence.enough,
          })}
        </p>
      )}
      <Fold title={texts.why.rules(rules.length)}>
        {rules.map((rule) => (
          <div key={rule.to} className={classes.rule}>
            <strong>
              <Icon name={rule.held ? 'check' : 'close'} label={rule.held ? texts.why.held : texts.why.not} />{' '}
              {rule.to}
            </strong>
            {rule.when !== null && <Condition held={rule.held} trace={rule.when} name={texts.why.when} />}
            {rule.signals.map(({ weight, held, that }) => (
              <Condition key={that.text} held={held} trace={that} name={texts.why.weight(weight)} />
            ))}
          </div>
        ))}
      </Fold>
    </>
  );
}

function Condition(props: { readonly held: boolean; readonly trace: Trace; readonly name: string }) {
  const { held, trace, name } = props;
  return (
    <div className={classes.condition} data-held={held}>
      <Icon name={held ? 'check' : 'close'} label={held ? texts.why.held : texts.why.not} />
      <span>
        <span className={classes.dim}>{name}</span> <code>{trace.text}</code>
        {trace.saw.length > 0 && (
          <span className={classes.saw}>
            {trace.saw.map(({ path, value }) => (
              <span key={path}>
                <code>{path}</code> = <Foreign text={value ?? texts.why.nothing} chars={200} />
              </span>
            ))}
          </span>
        )}
      </span>
    </div>
  );
}

function Fold({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <details className={classes.fold}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}
