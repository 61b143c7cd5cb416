import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answerOf, api } from '../../api/client.ts';
import type { operations } from '../../api/openapi.ts';
import { problemText } from '../../api/problem.ts';
import type { Exception, Story } from '../../api/shapes.ts';
import { notify } from '../../parts/Notices.tsx';
import { bodyWith } from '../../payload/body.ts';
import { type Page, withRow } from './pages.ts';

export type Act = operations['actOnException']['requestBody']['content']['application/json'];

/** A payload stands in the act as it was typed. */
function written(act: Act): string {
  if (!('payload' in act) || typeof act.payload !== 'string') return JSON.stringify(act);
  const { payload, ...others } = act;
  return bodyWith(others, payload);
}

/** Does something to an exception; what the server then has is shown at once, everywhere. */
export function useAct(ticketId: string, seq: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (act: Act) =>
      await answerOf(
        api.POST('/api/exceptions/{ticketId}/{seq}/acts', {
          params: { path: { ticketId, seq } },
          body: act,
          bodySerializer: written,
        }),
      ),
    onSuccess: (exception) => {
      client.setQueryData<Story>(['ticket', ticketId], (story) => story && withException(story, exception));
      client.setQueriesData<Page[]>({ queryKey: ['queue'] }, (pages) => pages && withRow(pages, exception));
    },
    onError: (error) => notify(problemText(error), { bad: true }),
    // A refusal, too, tells that what is shown is old.
    onSettled: () => client.invalidateQueries({ queryKey: ['ticket', ticketId] }),
  });
}

function withException(story: Story, exception: Exception): Story {
  return {
    ...story,
    exceptions: story.exceptions.map((each) => (each.seq === exception.seq ? exception : each)),
  };
}
