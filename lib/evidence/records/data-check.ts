import * as z from 'zod';
import { counted } from '../../canonical-json.ts';
import { count, list, recordKind, text } from './kind.ts';

const compared = z.strictObject({
  /** The table, queue or bucket. */
  name: text,
  /** Where the two sides were read, such as "orders before" and "orders after", or two services. */
  left: z.strictObject({ of: text, rows: count, checksum: text.optional() }),
  right: z.strictObject({ of: text, rows: count, checksum: text.optional() }),
});

export const dataCheck = recordKind({
  id: 'data-check',
  description: 'Rows and checksums of the same data on two sides: two services, before and after, source and copy',
  schema: z.strictObject({ comparisons: list(compared) }),
  limits: {
    minCompared: { of: 'compared', is: 'least', bound: { least: 1 } },
    minRows: { of: 'rows', is: 'least', bound: {} },
  },
  content: ({ comparisons }) => ({
    items: comparisons.length,
    figures: { compared: comparisons.length, rows: comparisons.reduce((sum, { left }) => sum + left.rows, 0) },
    once: comparisons.map(({ name, left, right }) => `${name} in ${left.of} and ${right.of}`),
    faults: comparisons.flatMap(differenceOf),
  }),
});

const differenceOf = ({ name, left, right }: z.output<typeof compared>): string[] => {
  if (left.rows !== right.rows) return [`${name}: ${counted(left.rows, 'row')} in ${left.of}, ${right.rows} in ${right.of}`];
  // A checksum on one side only compares nothing.
  return left.checksum === right.checksum ? [] : [`${name}: the checksums of ${left.of} and ${right.of} differ`];
};
