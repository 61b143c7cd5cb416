/** What a browser calls itself, in two words where it can be told: `Firefox on Linux`. Pure. */
export function agentText(agent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)[^/]*\//.exec(agent)?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|CrOS|Linux)/.exec(agent)?.[1];
  if (browser === undefined) return agent;
  const name = names[browser] ?? browser;
  return system === undefined ? name : `${name} on ${names[system] ?? system}`;
}

const names: Readonly<Record<string, string>> = {
  Edg: 'Edge',
  OPR: 'Opera',
  'Mac OS X': 'macOS',
  CrOS: 'ChromeOS',
};
