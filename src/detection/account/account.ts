/** One workflow and source in a stretch of time: what came in, by the entries, against what there is, by the tickets. */
export interface Account {
  readonly workflow: string;
  readonly source: string;
  /** By the chains: triggers received, first of their identity or not. */
  readonly received: number;
  /** By the tickets. */
  readonly done: number;
  /** Joined an earlier ticket, as a duplicate or an older version. */
  readonly joined: number;
  /** Newer content that an earlier ticket took. */
  readonly revised: number;
  /** Refused at the door, or discarded by a person. */
  readonly refused: number;
  readonly in_flight: number;
  readonly in_exception: number;
  /** Tickets whose chain and rows do not agree, and chains without a ticket. */
  readonly torn: number;
  readonly some_tickets: readonly string[];
}

/** What is received and stands nowhere, or stands somewhere and was not received. Zero: the account adds up. Pure. */
export function unaccountedOf(account: Account): number {
  const {
    received,
    done,
    joined,
    revised,
    refused,
    in_flight: inFlight,
    in_exception: inException,
  } = account;
  return received - (done + joined + revised + refused + inFlight + inException);
}

/** Whether an account adds up, in all and ticket by ticket. Pure. */
export function addsUp(account: Account): boolean {
  return unaccountedOf(account) === 0 && account.torn === 0;
}
