import * as z from 'zod';
import { at, list, recordKind, text } from './kind.ts';

/** What every rollback does, and what changes what runs or what it reads, by the names that the document's steps have in Holdpoint. */
const needed = ['revert-version', 'verify-health'] as const;
const changing: readonly string[] = ['revert-version', 'restore-database', 'restart-services'];

const step = z.strictObject({
  step: text.meta({
    description:
      'The steps of the document are named stop-requests, revert-version, restore-database, restart-services, verify-health and ' +
      'monitor-stability. revert-version and verify-health are needed, and verify-health begins when the others that change something have ended.',
  }),
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
  limits: { maxSeconds: { of: 'seconds', name: 'time of the rollback', is: 'most', unit: 's', bound: { most: 1200 } } },
  content: ({ from, to, steps, outcome }) => ({
    items: steps.length,
    measured: latest(steps.map(({ endedAt }) => endedAt)),
    figures: { steps: steps.length, seconds: secondsOf(steps) },
    faults: [
      ...(from === to ? [`it led from ${from} to the same version`] : []),
      ...(outcome === 'rolled-back' ? [] : ['the rollback failed']),
      ...needed.filter((name) => !steps.some((one) => one.step === name)).map((name) => `no step is named ${name}`),
      ...unverified(steps),
      ...steps.flatMap((one) => faultOf(one) ?? []),
    ],
  }),
});

/** The last of some times, in a list; an empty list of none. */
const latest = (times: readonly string[]): readonly string[] => times.toSorted((a, b) => Date.parse(b) - Date.parse(a)).slice(0, 1);

type Step = z.output<typeof step>;

/** From the first start to the last end; null where no step is listed. */
const secondsOf = (steps: readonly Step[]): number | null =>
  steps.length === 0
    ? null
    : (Math.max(...steps.map(({ endedAt }) => Date.parse(endedAt))) - Math.min(...steps.map(({ startedAt }) => Date.parse(startedAt)))) /
      1000;

/** The changes that no later look at the health has seen. Health that was verified before a change says nothing of it. */
const unverified = (steps: readonly Step[]): readonly string[] => {
  const looks = steps.filter(({ step: name }) => name === 'verify-health').map(({ startedAt }) => Date.parse(startedAt));
  const last = Math.max(...looks);
  return looks.length === 0
    ? []
    : steps
        .filter(({ step: name, endedAt }) => changing.includes(name) && Date.parse(endedAt) > last)
        .map(({ step: name }) => `verify-health began before ${name} had ended`);
};

const faultOf = ({ step: name, startedAt, endedAt, proved }: Step): string | undefined => {
  if (Date.parse(endedAt) < Date.parse(startedAt)) return `${name}: its end is before its start`;
  return proved ? undefined : `${name} was not proved`;
};
