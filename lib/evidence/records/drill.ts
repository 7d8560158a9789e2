import * as z from 'zod';
import { at, list, recordKind, text } from './kind.ts';

const step = z.strictObject({
  step: text,
  startedAt: at,
  endedAt: at,
  /** Whether somebody saw that it did what it should. */
  proved: z.boolean(),
});

export const drill = recordKind({
  id: 'drill',
  description:
    'A rollback that was rehearsed outside of Holdpoint: from which version to which, each step with its times, and how it ended',
  schema: z.strictObject({
    /** The versions that ran before and after it. */
    from: text,
    to: text,
    steps: list(step),
    outcome: z.enum(['rolled-back', 'failed']),
    /** Versions of the database's schema before and after it, where it has them. */
    schemaVersions: z.strictObject({ from: text, to: text }).optional(),
  }),
  limits: { maxSeconds: { of: 'seconds', is: 'most', unit: 's', bound: { most: 1200 } } },
  content: ({ from, to, steps, outcome }) => ({
    items: steps.length,
    figures: { steps: steps.length, seconds: secondsOf(steps) },
    faults: [
      ...(from === to ? [`it led from ${from} to the same version`] : []),
      ...(outcome === 'rolled-back' ? [] : ['the rollback failed']),
      ...steps.flatMap((one) => faultOf(one) ?? []),
    ],
  }),
});

type Step = z.output<typeof step>;

/** From the first start to the last end; null where no step is listed. */
const secondsOf = (steps: readonly Step[]): number | null =>
  steps.length === 0
    ? null
    : (Math.max(...steps.map(({ endedAt }) => Date.parse(endedAt))) - Math.min(...steps.map(({ startedAt }) => Date.parse(startedAt)))) /
      1000;

const faultOf = ({ step: name, startedAt, endedAt, proved }: Step): string | undefined => {
  if (Date.parse(endedAt) < Date.parse(startedAt)) return `${name}: its end is before its start`;
  return proved ? undefined : `${name} was not proved`;
};
