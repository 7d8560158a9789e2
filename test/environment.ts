import { type DataOf, isType, type Stored } from '../lib/audit/event.ts';
import type { End } from '../lib/audit/events/run.ts';
import { genesis } from '../lib/audit/lane.ts';
import { holdingIn } from '../lib/folds/environment.ts';
import { adoptTarget } from '../lib/run/commands/adopt-target.ts';
import { claimFor } from '../lib/run/gates/claim.ts';
import { closeRun } from '../lib/run/gates/close-run.ts';
import { beginReconciliation } from '../lib/run/gates/reconciliation.ts';
import type { RunContext } from '../lib/run/state/run-context.ts';
import { type FakeDependencies, signingFor } from './fakes.ts';
import { anew, artifact, contextOf, personIn } from './given.ts';

/** What a production environment of `shop` has before a release: a version that two people adopted, and a drill. */
export const production = { service: 'shop', environment: 'production' } as const;
export const productionScope = 'environment/shop/production';

const oldVersion = {
  target: 'adopt',
  version: '1.2.2',
  components: [{ component: 'web', digest: artifact.replaceAll('b', 'c'), reference: '7' }],
  /** Behind which the reviews of the samples begin. */
  commit: 'e'.repeat(40),
} as const;

/** Names the target as one of the two people. */
export const nameTarget = (deps: FakeDependencies, role: 'operations-lead' | 'technical-lead') =>
  adoptTarget(signingFor(['people'], deps), { ...production, ...oldVersion, request: anew() }, personIn(deps, role));

export const givenTarget = async (deps: FakeDependencies): Promise<void> => {
  for (const role of ['operations-lead', 'technical-lead'] as const) {
    const named = await nameTarget(deps, role);
    if (named.refused) throw new Error(named.refused.detail);
  }
};

const met = (limitSeconds: number) => ({ seconds: 12, limitSeconds, met: true });
export const goodDrill: DataOf<'drill.recorded'> = {
  run: 'drill-1',
  environment: 'staging',
  budgets: { decision: met(300), execution: met(600), verification: met(300), total: met(1200) },
  schemaVersions: ['41', '42'],
  outcome: 'rolled-back',
};

export const givenDrill = async (deps: FakeDependencies, drill: DataOf<'drill.recorded'> = goodDrill): Promise<void> => {
  await deps.trail.append(
    {
      scope: `environment/shop/${drill.environment}`,
      lane: 'drill',
      step: `recorded/${drill.run}`,
      type: 'drill.recorded',
      actor: { kind: 'system', id: 'reconciler' },
      data: drill,
    },
    { parentHash: genesis },
  );
};

/** A run that has claimed the environment. */
export const givenHolder = async (deps: FakeDependencies, run: string): Promise<RunContext> => {
  const context = await contextOf(deps, run);
  const claimed = await claimFor(deps, context, 't0');
  if (!claimed.held) throw new Error(claimed.reason);
  return context;
};

export const givenEnded = async (deps: FakeDependencies, context: RunContext, end: End): Promise<void> => {
  await closeRun(beginReconciliation(signingFor(['reconciler'], deps), undefined), context, end, 'deployment-window');
};

/** The claims that were not allowed by what stood before them, each in a few words. */
export const forbiddenClaims = (lane: readonly Stored[]): readonly string[] =>
  lane.flatMap((stored, place) => {
    if (!isType('environment.claimed')(stored)) return [];
    const before = holdingIn(lane.slice(0, place));
    const { run, supersedes } = stored.event.data;
    const isAllowed = before.how === 'free' || before.run === run || (before.how === 'shared' && before.run === supersedes);
    return isAllowed ? [] : [`${run} claimed ${stored.event.scope} at place ${place + 1}, which was ${before.how}`];
  });
