export const texts = {
  title: 'Today',
  titleOf: (name: string) => `Today, ${name}`,
  figures: {
    mine: 'On you',
    late: 'Late',
    approvals: 'Wait for a yes',
    outcomes: 'To confirm',
    unresolved: 'Unresolved',
  },
  lateOf: 'Late, anybody’s',
  mine: {
    exceptions: 'Exceptions that wait for you',
    approvals: 'Wait for your yes or no',
    outcomes: 'Wait for your word that they are done',
    nothing: 'Nothing waits for you or your teams.',
    nothingHint: 'What comes to you appears here by itself.',
  },
  since: {
    title: 'Since you last looked',
    none: 'Nothing has come in since then.',
    came: (count: number) =>
      count === 1 ? 'One ticket has come in:' : `${count.toLocaleString('en')} tickets have come in:`,
  },
  urgent: 'Most urgent of all',
  nothingOpen: 'Nothing waits for a person.',
  latest: 'Came in last',
  allTickets: 'All tickets',
  all: (count: number) => `All ${count}`,
  allApprovals: 'All that waits for a person',
} as const;
