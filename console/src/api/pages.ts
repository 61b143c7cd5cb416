interface Read<Row> {
  readonly rows: readonly Row[];
  /** The cursor after which the rest begins; null: nothing follows. */
  readonly next: string | null;
}

/** All rows of a list that is read in pages, for an export. */
export async function readAllPages<Row>(read: (after: string | null) => Promise<Read<Row>>): Promise<Row[]> {
  const all: Row[] = [];
  for (let after: string | null = null, more = true; more; more = after !== null) {
    const { rows, next } = await read(after);
    all.push(...rows);
    after = next;
  }
  return all;
}
