import * as z from 'zod';
import { filePath } from '../file-path.ts';
import { amount, list, recordKind, text } from './kind.ts';

/** A test as JUnit names it. */
const junitTest = z.strictObject({
  class: z.string().max(1000).optional(),
  name: z.string().min(1).max(2000),
  file: z.string().max(1000).optional(),
});
/** A test as TAP names it. */
const tapTest = z.strictObject({
  /** The subtests around it, from the outermost one; none for a test of the report itself. */
  subtests: z.array(z.string().max(1000)).max(1000),
  name: z.string().min(1).max(2000),
  /** How many tests of the same name came before it; 0 without it. */
  place: z.int().min(0).optional(),
});
const test = z.union([tapTest, junitTest]);
/** A test as a record states it. */
export type StatedTest = z.input<typeof test>;

/** As the parsers of the two name a test. */
const identityOf = (stated: z.output<typeof test>): string => {
  if ('subtests' in stated) return JSON.stringify([...stated.subtests, stated.name, stated.place ?? 0]);
  const { class: classname = '', name, file = '' } = stated;
  return JSON.stringify([classname.trim(), name.trim(), filePath(file)]);
};

/** The test of an identity, which a parser of test results gave it. */
export const statedTest = (identity: string): StatedTest => {
  const parts = JSON.parse(identity) as readonly (string | number)[];
  const last = parts.at(-1);
  if (typeof last === 'number') {
    const [name = '', ...around] = parts.slice(0, -1).reverse();
    return { subtests: around.reverse().map(String), name: String(name), ...(last === 0 ? {} : { place: last }) };
  }
  const [classname = '', name = '', file = ''] = parts.map(String);
  return { ...(classname === '' ? {} : { class: classname }), name, ...(file === '' ? {} : { file }) };
};

/** People state what releases are compared with: before the first release became stable, or where an older one says nothing any more. */
export const baseline = recordKind({
  id: 'baseline',
  description:
    'What releases are compared with, as people state it: p95, error rate and the tests that must go on passing, with the reason and for how long',
  schema: z.strictObject({
    /** Why these figures or tests, and not those of the last release that became production-stable. */
    reason: text,
    p95Ms: amount.optional(),
    /** Percent of the requests. */
    errorRatePct: z.number().min(0).max(100).optional(),
    tests: list(test)
      .refine((all) => new Set(all.map(identityOf)).size === all.length, 'each test once')
      .optional(),
    /** So many days after `at` a run may still take it; a run that has taken it keeps it. */
    validDays: z.int().min(1).max(90),
    /** It counts in place of every release that became production-stable before `at`. Else it counts only where no release did. */
    replacesLastStable: z.boolean().optional(),
  }),
  limits: {},
  content: ({ p95Ms, errorRatePct, tests = [], validDays, replacesLastStable = false }) => ({
    items: Number(p95Ms !== undefined) + Number(errorRatePct !== undefined) + tests.length,
    figures: { p95Ms: p95Ms ?? null, errorRatePct: errorRatePct ?? null, tests: tests.length, validDays },
    faults: p95Ms === 0 ? ['a p95 of 0 ms is no measurement'] : [],
    baseline: { replacesLastStable, tests: tests.map(identityOf) },
  }),
});
