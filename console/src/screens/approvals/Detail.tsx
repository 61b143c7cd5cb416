import { useQuery } from '@tanstack/react-query';
import { storyOf } from '../../api/queries.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/approvals.ts';
import { ApprovalDetail } from './ApprovalDetail.tsx';
import classes from './Approvals.module.css';
import { OutcomeDetail } from './OutcomeDetail.tsx';
import type { Row } from './waiting.ts';

interface DetailProps {
  readonly chosen: Pick<Row, 'kind' | 'ticketId' | 'handoffSeq'>;
  readonly back: () => void;
}

/** One of them, waiting or decided: it is read from its ticket, so that its address stays good. */
export function Detail({ chosen: { kind, ticketId, handoffSeq }, back }: DetailProps) {
  const story = useQuery(storyOf(ticketId));
  if (story.isPending) return <Waiting rows={8} />;
  if (story.data === undefined) {
    return (
      <div className={classes.padded}>
        <Failure error={story.error} retry={() => void story.refetch()} />
      </div>
    );
  }
  const handoff = story.data.handoffs.find(({ seq }) => seq === handoffSeq);
  const approval = handoff?.approval ?? null;
  const confirmation = handoff?.confirmation ?? null;
  if (kind === 'approval' && handoff !== undefined && approval !== null) {
    return <ApprovalDetail story={story.data} handoff={handoff} approval={approval} back={back} />;
  }
  if (kind === 'outcome' && handoff !== undefined && confirmation !== null) {
    return <OutcomeDetail story={story.data} handoff={handoff} confirmation={confirmation} back={back} />;
  }
  return (
    <Empty title={texts.gone.title}>
      <p>{texts.gone.text}</p>
    </Empty>
  );
}
