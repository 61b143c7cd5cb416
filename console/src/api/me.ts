/** Who is signed in. */
export interface Me {
  readonly actor: string;
  readonly answersAs: readonly string[];
}

const nobody: Me = { actor: 'person:noor', answersAs: [] };

export function useMe(): Me {
  return nobody;
}
