import type { ReactNode } from 'react';

/** The head of a table. `children`: what stands over columns without a name. */
export function ColumnNames({
  of,
  children,
}: {
  readonly of: readonly string[];
  readonly children?: ReactNode;
}) {
  return (
    <thead>
      <tr>
        {of.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
        {children}
      </tr>
    </thead>
  );
}
