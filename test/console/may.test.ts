import { describe, expect, test } from 'vitest';
import { type Held, mayDo, type Right, whoseTicket } from '../../console/src/api/may.ts';
import { rightsOfRoles } from '../../src/api/rights.ts';
import type { Role } from '../../src/db/schema-accounts.ts';

function held(role: Role, ownerRights: Right[] = []): Held {
  return {
    rights: [...rightsOfRoles([role])],
    rights_as_owner: ownerRights,
    answers_as: ['person:dana', 'team:growth'],
  };
}

const owner = held('owner', ['work', 'deploy']);

describe('what somebody may', () => {
  type Row = [held: Held, right: Right, whose: string[] | undefined, may: boolean, reason: string];
  test.each<Row>([
    [held('viewer'), 'read', undefined, true, 'a viewer reads'],
    [held('viewer'), 'work', undefined, false, 'and does no more'],
    [held('viewer'), 'work', ['person:dana'], false, 'not even on what is theirs'],
    [held('operator'), 'work', undefined, true, 'an operator works'],
    [held('operator'), 'work', ['team:web'], true, 'on everybody’s'],
    [held('operator'), 'decide', undefined, false, 'and decides nothing'],
    [held('approver'), 'decide', undefined, true, 'an approver decides'],
    [held('administrator'), 'administer', undefined, true, 'an administrator does everything'],
    [owner, 'work', undefined, false, 'an owner does not work everywhere'],
    [owner, 'work', ['team:growth'], true, 'on what is their team’s'],
    [owner, 'work', ['person:omar', 'person:dana'], true, 'as its alternate'],
    [owner, 'work', ['team:web'], false, 'not on others’'],
    [owner, 'work', [], false, 'not on what is nobody’s'],
    [owner, 'deploy', ['team:growth'], true, 'a workflow of theirs, too'],
    [owner, 'administer', ['person:dana'], false, 'no other right comes with it'],
  ])('%#: %s %s %j: %s (%s)', (who, right, whose, may) => {
    expect(mayDo(who, right, whose)).toBe(may);
  });
});

test('a ticket is whose it names, whose its open exceptions name, and whose workflow it is', () => {
  const exception = (state: string, name: string) => ({
    state,
    owner: `team:${name}`,
    alternate: `person:${name}`,
    responsible: `team:${name}-now`,
  });
  const story = {
    ticket: { workflow: 'leads', owner: 'team:a', alternate: 'person:a' },
    exceptions: [exception('open', 'b'), exception('resolved', 'c')],
  } as unknown as Parameters<typeof whoseTicket>[0];
  const workflows = [
    { name: 'leads', owner: 'team:d', alternate: 'person:d' },
    { name: 'other', owner: 'team:e', alternate: 'person:e' },
  ];
  expect(whoseTicket(story, workflows).toSorted()).toEqual(
    ['team:a', 'person:a', 'team:b', 'person:b', 'team:b-now', 'team:d', 'person:d'].toSorted(),
  );
});
