/** What `plan` counts, with what each means; a gate (`--fail-on`) names one. */
export const metrics = {
  changed: 'would be elsewhere, with somebody else, or hand off something else',
  state: 'would be in another state',
  route: 'would be routed elsewhere',
  owner: 'would have another owner, or their exception would',
  confidence: 'would have another confidence',
  'new-exceptions': 'would stop with an exception, triage included, and did not',
  'gone-exceptions': 'would no longer stop',
  'other-exceptions': 'would stop for another reason',
  'new-triage': 'would fall to triage, and did not',
  'gone-triage': 'would no longer be in triage',
  'new-handoffs': 'would hand off what they did not',
  'gone-handoffs': 'would no longer hand off what they did',
  'changed-requests': 'would send something else, or wait for another yes',
  'changed-identities': 'would be recognised by something else, so that repeats are told apart otherwise',
  'not-taken': 'came from a source that no workflow reads any more',
  split: 'came as one, and would be split into several',
  unparseable: 'cannot be read, then or now',
  erased: 'have no payload any more',
  tickets: 'were looked at in all',
} as const;

export type Metric = keyof typeof metrics;
