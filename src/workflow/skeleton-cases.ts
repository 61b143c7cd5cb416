/** The first cases of a new project: what its workflow must do, from the trigger to the proof. */
export const firstCases = `# yaml-language-server: $schema=../schemas/case.schema.json
workflow: contact-request
now: 2026-01-05T09:00:00Z # the clock of all cases
cases:
  - name: A request to sales becomes a note, and is done when the note stands as it was sent
    payload: ../payloads/contact.json
    expect:
      state: handoff
      owner: team:sales
      route: team:sales
      confidence: 1
      handoffs:
        write-note:
          body: { title: Request from Noor Haddad, team: 'team:sales', from: noor@example.com }
    then: # what the notebook answers, and what stands in it
      - answer: { status: 201, body: { id: n-1, title: Request from Noor Haddad, text: '…', team: 'team:sales' } }
      - read:
          body:
            id: n-1
            title: Request from Noor Haddad
            text: We would like a new website for our bakery. Can we talk next week?
            team: team:sales
            from: noor@example.com
        expect: { state: done }

  - name: A notebook that says yes and keeps nothing is found out
    payload: ../payloads/contact.json
    then:
      - answer: { status: 201, body: { id: n-1, title: Request from Noor Haddad, text: '…', team: 'team:sales' } }
      - read: { status: 404 }
        expect: { state: exception, exception: { mode: unconfirmed, owner: team:support } }

  - name: A question goes to support
    payload: ../payloads/contact.json
    with: { topic: support } # the same payload with a change
    expect: { route: team:support, handoffs: [write-note] }

  - name: A request without a topic waits for a person, and goes up when nobody takes it
    payload: ../payloads/contact.json
    with: { topic: null } # null takes it away
    expect:
      state: exception
      exception: { mode: contract_violation, fields: [/topic], owner: team:support, claim_by: 15m, resolve_by: 1d }
      handoffs: []
    then:
      - wait: 15m
        expect: { exception: { responsible: person:ana } }

  - name: Three letters are nothing to act on
    payload: ../payloads/contact.json
    with: { message: Hi! }
    expect: { exception: { mode: check_failed, checks: [message-says-something] } }

  - name: The form sends a request twice, and it is one ticket
    payload: ../payloads/contact.json
    held: same
    expect: { state: joined }

  - name: The same request with another text is a person's to settle
    payload: ../payloads/contact.json
    held: { with: { message: Please call me about our bakery } }
    expect: { exception: { mode: conflicting_duplicate } }
`;
