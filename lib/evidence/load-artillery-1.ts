import * as z from 'zod';
import { type Contradiction, contradiction } from './account.ts';
import { count, duration } from './load-figures.ts';
import { firstIssue } from './unreadable.ts';

/** A report of Artillery in one form, whichever of its two forms it had. */
export type Aggregate = {
  readonly requests: number;
  readonly responses: number;
  /** Responses that are counted under their status code. */
  readonly answered: number;
  readonly badResponses: number;
  readonly errors: number;
  /** Requests that the report neither counts as answered nor as ended in an error. */
  readonly unanswered: number;
  readonly checks: number;
  readonly failedChecks: number;
  /** Virtual users; `timed` is how many have a length, `meanMs` the mean of these. */
  readonly users: {
    readonly created: number;
    readonly completed: number;
    readonly failed: number;
    readonly skipped: number;
    readonly timed: number;
    /** Undefined where the report does not say how long a virtual user took. */
    readonly meanMs: number | undefined;
  };
  /** The most virtual users that the report shows at one moment. It looks at few moments, so that 0 says nothing. */
  readonly atOnce: number;
  /** Undefined where the report does not say how long the test took. */
  readonly seconds: number | undefined;
  /** Milliseconds since 1970. */
  readonly endedAt: number | undefined;
  readonly quantiles: readonly { readonly rank: number; readonly name: string; readonly value: number }[];
  readonly mean: number | undefined;
  readonly contradictions: readonly Contradiction[];
};
export type ReadAggregate = { readonly ok: Aggregate; readonly refused?: never } | { readonly refused: string; readonly ok?: never };

/** Milliseconds since 1970, before the year 10000. */
export const moment = z.number().min(0).max(253_402_300_799_999);

/** An object as a list of its members: a record of zod leaves out a member that is named `__proto__`. */
export const membersOf = <T extends z.ZodType>(one: T) =>
  z.preprocess(
    (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : value),
    z.array(z.tuple([z.string(), one])),
  );

/** Whether a response with this status code is one that a client waits for. Redirections are followed. */
const isGood = (code: string): boolean => /^[23]\d\d$/.test(code);

/** The responses that no client waits for, by their status code. */
export const badOf = (codes: readonly (readonly [string, number])[]): readonly (readonly [string, number])[] =>
  codes.filter(([code]) => !isGood(code));

const trend = z.looseObject({
  min: duration.nullish(),
  median: duration.nullish(),
  p95: duration.nullish(),
  p99: duration.nullish(),
  max: duration.nullish(),
});
const period = z.looseObject({
  timestamp: z.union([z.string(), moment]).nullish(),
  concurrency: count.nullish(),
  scenariosCreated: count.nullish(),
  scenariosCompleted: count.nullish(),
  requestsCompleted: count.nullish(),
  errors: membersOf(count).nullish(),
  codes: membersOf(count).nullish(),
});
const schema = z.looseObject({
  aggregate: z.looseObject({
    scenariosCreated: count,
    scenariosCompleted: count,
    scenariosAvoided: count.default(0),
    requestsCompleted: count,
    latency: trend,
    rps: z.looseObject({ count: count.nullish(), mean: z.number().min(0).nullish() }).nullish(),
    scenarioDuration: trend.nullish(),
    errors: membersOf(count).default([]),
    codes: membersOf(count),
    phases: z.array(z.looseObject({ duration: duration.nullish() })).nullish(),
    timestamp: z.union([z.string(), moment]).nullish(),
    pendingRequests: count.nullish(),
  }),
  intermediate: z.array(period).default([]),
});

const sum = (members: readonly (readonly [string, number])[]): number => members.reduce((all, [, one]) => all + one, 0);

/** Reads a report of Artillery 1. It counts requests that were sent in `rps.count` and those that were answered in `requestsCompleted`. */
export const aggregateOf1 = (value: unknown): ReadAggregate => {
  const read = schema.safeParse(value);
  if (!read.success) return { refused: firstIssue(read.error) };
  const { aggregate, intermediate } = read.data;
  const { codes, errors, scenariosCreated: created, scenariosCompleted: completed, requestsCompleted, latency } = aggregate;
  const answered = sum(codes);
  const sent = Math.max(aggregate.rps?.count ?? 0, requestsCompleted, answered);
  const [failures, badResponses] = [sum(errors), sum(badOf(codes))];
  const ranks = { min: 0, median: 50, p95: 95, p99: 99, max: 100 } as const;
  return {
    ok: {
      requests: sent,
      responses: requestsCompleted,
      answered,
      badResponses,
      errors: failures,
      unanswered: Math.max(0, sent - answered),
      checks: 0,
      failedChecks: 0,
      // Artillery 1 does not count the users that failed: those that are missing among the completed ones did.
      users: {
        created,
        completed,
        failed: Math.max(0, created - completed),
        skipped: aggregate.scenariosAvoided,
        timed: completed,
        // It gives no mean; half of the users took at least the median.
        meanMs: aggregate.scenarioDuration?.median ?? undefined,
      },
      atOnce: intermediate.reduce((most, { concurrency }) => Math.max(most, concurrency ?? 0), 0),
      seconds: secondsOf(read.data),
      endedAt: momentOf(aggregate.timestamp),
      quantiles: Object.entries(ranks).flatMap(([name, rank]) => {
        const one = latency[name as keyof typeof ranks];
        return one == null ? [] : [{ rank, name, value: one }];
      }),
      mean: undefined,
      contradictions: [
        ...(['scenariosCreated', 'scenariosCompleted', 'requestsCompleted'] as const).flatMap((name) =>
          partsThatDiffer(
            name,
            aggregate[name],
            intermediate.map((part) => part[name]),
          ),
        ),
        ...partsThatDiffer(
          'errors',
          failures,
          intermediate.map((part) => part.errors && sum(part.errors)),
        ),
        ...partsThatDiffer(
          'responses that are neither 2xx nor 3xx',
          badResponses,
          intermediate.map((part) => part.codes && sum(badOf(part.codes))),
        ),
      ],
    },
  };
};

/** The periods add up to the whole, where each of them says its part. */
export const partsThatDiffer = (name: string, whole: number, parts: readonly (number | null | undefined)[]): Contradiction[] => {
  const all = parts.reduce<number>((total, part) => total + (part ?? 0), 0);
  if (parts.length === 0 || parts.includes(null) || parts.includes(undefined) || all === whole) return [];
  return [contradiction(`the periods have ${all} ${name}, and the whole has ${whole}`, whole, all)];
};

/** By the requests and their rate, or by the phases that the test planned where it has no rate. */
const secondsOf = ({ aggregate: { rps, phases } }: z.infer<typeof schema>): number | undefined => {
  const byRate = (rps?.count ?? 0) / (rps?.mean ?? 0);
  if (Number.isFinite(byRate)) return Math.min(byRate, 2_678_400);
  const lengths = (phases ?? []).flatMap(({ duration: seconds }) => seconds ?? []);
  return lengths.length === 0 ? undefined : lengths.reduce((all, seconds) => all + seconds, 0);
};

const momentOf = (written: string | number | null | undefined): number | undefined => {
  const at = typeof written === 'string' ? Date.parse(written) : (written ?? Number.NaN);
  return Number.isNaN(at) || !moment.safeParse(at).success ? undefined : at;
};
