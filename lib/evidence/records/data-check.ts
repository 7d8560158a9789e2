import * as z from 'zod';
import { counted } from '../../wording.ts';
import { bareName } from '../listed-names.ts';
import { isSummed } from './checksums.ts';
import { count, list, recordKind, text } from './kind.ts';

const side = z.strictObject({
  /** Where this side was read, such as "orders before" and "orders after", or a service. */
  of: text,
  service: text.optional().meta({
    description:
      'The service that this side was read from, by its name in the profile. Absent: `of` is its name, or the side is of no service.',
  }),
  rows: count,
  checksum: text.optional(),
});
const compared = z.strictObject({
  /** The table, queue or bucket. */
  name: text,
  left: side,
  right: side,
});

export const dataCheck = recordKind({
  id: 'data-check',
  description: 'Rows and checksums of the same data on two sides: two services, before and after, source and copy',
  schema: z.strictObject({ comparisons: list(compared) }),
  limits: {
    minCompared: { of: 'compared', name: 'comparisons', is: 'least', bound: { least: 1 } },
    minRows: { of: 'rows', name: 'rows', is: 'least', bound: {} },
  },
  content: ({ comparisons }) => ({
    // Two empty tables are alike whatever happened.
    items: comparisons.filter(hasRows).length,
    figures: { compared: comparisons.length, rows: comparisons.reduce((sum, { left }) => sum + left.rows, 0) },
    doubts: doubtsOf(comparisons),
    // An empty side shows nothing of its service.
    named: comparisons.filter(hasRows).flatMap(({ left, right }) => [left, right].map(({ of, service = of }) => bareName(service))),
    once: comparisons.map(({ name, left, right }) => `${name} in ${left.of} and ${right.of}`),
    faults: comparisons.flatMap(differenceOf),
  }),
});

type Compared = z.output<typeof compared>;
const hasRows = ({ left, right }: Compared): boolean => left.rows > 0 || right.rows > 0;

const doubtsOf = (comparisons: readonly Compared[]): Readonly<Record<string, string>> => {
  const same = comparisons.find(({ left, right }) => left.of === right.of);
  // One that is there on one side only differs, and is a fault.
  const unsummed = comparisons.find((one) => hasRows(one) && !isSummed(one.left.checksum) && !isSummed(one.right.checksum));
  if (same !== undefined) return { compared: `both sides of ${same.name} are ${same.left.of}, so nothing was compared` };
  return unsummed === undefined ? {} : { compared: `${unsummed.name} has no checksum, so only its number of rows was compared` };
};

const differenceOf = ({ name, left, right }: Compared): string[] => {
  if (left.rows !== right.rows) return [`${name}: ${counted(left.rows, 'row')} in ${left.of}, ${right.rows} in ${right.of}`];
  // A checksum on one side only compares nothing.
  return left.checksum === right.checksum ? [] : [`${name}: the checksums of ${left.of} and ${right.of} differ`];
};
