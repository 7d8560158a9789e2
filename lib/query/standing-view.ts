import * as z from 'zod';
import {
  type Given,
  givenIn,
  judgeStanding,
  longestStandingMs,
  servesStanding,
  standingChecks,
  standingIn,
  standsUntil,
} from '../evaluation/standing-evidence.ts';
import type { Immutable } from '../fields.ts';
import type { Dependencies } from '../ports.ts';
import { readFacts } from '../registry/stored-facts.ts';
import { readStandingSince } from '../run/state/standing-evidence.ts';
import { verdicts } from '../verdict.ts';

/** So many pieces are shown at most: the newest ones. */
const mostPieces = 300;

export const standingViewSchema = z.object({
  service: z.string(),
  evidence: z
    .array(
      z.object({
        event: z.string().meta({ description: 'Id of the audit event: a confirmation names it.' }),
        type: z.string(),
        source: z.string(),
        environment: z.string().nullable().meta({ description: 'Null where it is about the service as a whole.' }),
        state: z.enum(['counts', 'waits', 'rejected', 'withdrawn', 'too-old']),
        givenBy: z.string().meta({ description: 'Id of the person, or the CI identity.' }),
        givenAt: z.string(),
        madeAt: z.string(),
        decidedBy: z.string().nullable().meta({ description: 'The second person, where a person gave it.' }),
        decidedAt: z.string().nullable(),
        withdrawnBy: z.string().nullable().meta({ description: 'The person who took it back.' }),
        withdrawnAt: z.string().nullable(),
        until: z.string().nullable().meta({ description: 'Until when it counts, for the check that takes it longest.' }),
        checks: z.array(z.object({ check: z.string(), verdict: z.enum(verdicts), reason: z.string(), until: z.string() })),
      }),
    )
    .meta({ description: 'What counts, what waits for a second person, and what was rejected or withdrawn; newest first.' }),
  leftOut: z.number(),
  missing: z
    .array(z.object({ check: z.string(), title: z.string(), scope: z.string(), environment: z.string().nullable() }))
    .meta({ description: 'Standing checks for which nothing counts; those about an environment once for each.' }),
});
export type StandingView = Immutable<z.infer<typeof standingViewSchema>>;
type Shown = StandingView['evidence'][number];

type Reader = Pick<Dependencies, 'trail' | 'clock' | 'evidence' | 'stage' | 'definitions'>;

/** The standing evidence of a service, judged by the current checklist. A run judges it by the checklist that it has pinned. */
export const readStanding = async (deps: Reader, service: string): Promise<StandingView> => {
  const { checklist } = deps.definitions.current();
  const now = deps.clock.now();
  const lane = await readStandingSince(deps, service, new Date(now.getTime() - longestStandingMs(checklist)));
  const given = givenIn(lane);
  const standing = new Set(standingIn(given));
  const all = given.filter((one) => one.state !== 'counts' || standing.has(one)).toReversed();
  const evidence = await Promise.all(all.slice(0, mostPieces).map((one) => shown(deps, one, now)));
  const environments = deps.stage.environments[service] ?? [];
  const missing = standingChecks(checklist).flatMap(({ id: check, title, scope }) =>
    (scope === 'environment' ? environments : [null]).flatMap((environment) => {
      const isThere = evidence.some(
        (one) => one.state === 'counts' && one.environment === environment && one.checks.some((served) => served.check === check),
      );
      return isThere ? [] : [{ check, title, scope, environment }];
    }),
  );
  return { service, evidence, leftOut: all.length - evidence.length, missing };
};

const shown = async (deps: Reader, { stored, environment, state, decided, withdrawn }: Given, now: Date): Promise<Shown> => {
  const { event } = stored;
  const { evidence: type, source, madeAt, serves, facts: digest } = event.data;
  const bytes = await deps.evidence.get(event.scope, digest);
  if (bytes === undefined) throw new Error(`facts ${digest} are not in the evidence store`);
  const facts = readFacts(bytes);
  const checks = servesStanding(deps.definitions.current().checklist, { facts, serves, given: environment }, null);
  const until = standsUntil(event.data, checks) ?? null;
  return {
    event: event.id,
    type,
    source,
    environment,
    state: state === 'counts' && (until === null || until <= now.toISOString()) ? 'too-old' : state,
    givenBy: event.actor.id,
    givenAt: event.at,
    madeAt,
    decidedBy: decided?.event.data.by ?? null,
    decidedAt: decided?.event.at ?? null,
    withdrawnBy: withdrawn?.event.data.by ?? null,
    withdrawnAt: withdrawn?.event.at ?? null,
    until,
    checks: checks.map((check) => ({
      check: check.id,
      ...judgeStanding(check, facts),
      until: standsUntil(event.data, [check]) ?? '',
    })),
  };
};
