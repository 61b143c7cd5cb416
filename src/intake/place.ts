const kinds = ['header', 'query', 'field', 'form', 'element', 'claim', 'body'] as const;

/** A place in a request that holds a text. Header names are lower-case; a field is named by its JSON pointer. */
export interface Place {
  /** `element`: the `k=…` element of the signature's own list; `claim`: of its token; `body`: all of it. */
  readonly from: (typeof kinds)[number];
  readonly name: string;
}

/** The parts that name a place; one of them stands where a place does. */
export const placeKeys = ['headers', ...kinds] as const;

type PlaceText = { readonly [key in (typeof placeKeys)[number]]?: string | readonly string[] | undefined };

export function placesOf(text: PlaceText): Place[] {
  if (Array.isArray(text.headers))
    return text.headers.map((name) => ({ from: 'header', name: String(name).toLowerCase() }));
  for (const from of kinds) {
    const name = text[from];
    if (typeof name === 'string') return [{ from, name: from === 'header' ? name.toLowerCase() : name }];
  }
  return [];
}

export function placeOf(text: PlaceText): Place {
  return placesOf(text)[0] ?? { from: 'header', name: '' };
}

/** How a sentence calls a place. */
export function placeText({ from, name }: Place): string {
  return {
    header: `header ${name}`,
    query: `query parameter ${name}`,
    field: `field ${name} of the body`,
    form: `form field ${name}`,
    element: `element ${name}= of the signature`,
    claim: `claim ${name} of the token`,
    body: 'body',
  }[from];
}
