import { byLane, isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Checklist, type Item, itemOf } from '../../checklist/definition.ts';
import type { Dependencies } from '../../ports.ts';
import type { Facts } from '../../registry/evidence.ts';
import { appliesTo, type EvidenceRule, isEvidenceRule, judgeEvidence } from '../../registry/rules.ts';
import { readFacts } from '../../registry/stored-facts.ts';
import { appendToLane, ofType, type RunContext, system } from '../state/run-context.ts';

/** What a piece of evidence says about one check. */
export type Judged = { readonly check: string; readonly verdict: string; readonly reason: string; readonly attempt: number };

type Proved = Item & { readonly rule: EvidenceRule };

const isProved = (check: Item): check is Proved => check.rule !== null && isEvidenceRule(check.rule);

/** The checks whose rule judges this kind of report; of a SARIF log, for instance, only those that trust its tool. */
export const servedBy = (checklist: Checklist, facts: Facts): Proved[] =>
  checklist.items.filter(isProved).filter((check) => check.gate !== null && appliesTo(check.rule, facts));

/**
 * Why evidence does not count for a check that demands evidence made after an event of the run; undefined when it counts. Evidence that
 * does not count is not judged, and the sender gets the reason.
 */
export const tooEarly = (check: Item, madeAt: string, deployment: readonly Stored[], context: RunContext): string | undefined => {
  if (check.after === null) return undefined;
  const { after } = check;
  const times = context.started.event.data.artifacts.map(
    ({ component }) => deployment.filter(isType(after)).findLast(({ event }) => event.data.component === component)?.event.at,
  );
  if (times.some((time) => time === undefined)) return `made before ${after}, which it must follow`;
  const last = (times as string[]).sort().at(-1) ?? '';
  return madeAt < last ? `made at ${madeAt}, before ${after} at ${last}, which it must follow` : undefined;
};

/**
 * Judges one recorded piece of evidence for every check that it serves, in each check's own lane, and returns the judgements. Checks
 * that have judged it already keep their judgement, so that an interrupted fan-out is completed by running it again.
 */
export const fanOut = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  { evidence, facts }: { readonly evidence: Stored<'evidence.recorded'>; readonly facts: Facts },
): Promise<readonly Stored<'check.judged'>[]> => {
  const judged: Stored<'check.judged'>[] = [];
  for (const id of evidence.event.data.serves) {
    const check = itemOf(context.checklist, id);
    if (check !== undefined && isProved(check)) judged.push(await judge(deps, context, check, { evidence, facts }));
  }
  return judged;
};

export const judgedOf = ({ event: { data } }: Stored<'check.judged'>): Judged => ({
  check: data.check,
  verdict: data.verdict,
  reason: data.reason,
  attempt: data.attempt,
});

const judge = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  check: Proved,
  { evidence, facts }: { readonly evidence: Stored<'evidence.recorded'>; readonly facts: Facts },
): Promise<Stored<'check.judged'>> => {
  const { data, id } = evidence.event;
  const name = lanes.check(check.gate ?? '', check.id);
  const lane = await deps.trail.read(context.scope, { lane: name });
  const earlier = ofType(lane, 'check.judged');
  const same = earlier.find((stored) => stored.event.data.evidence === id);
  if (same !== undefined) return same;
  const subject = `${data.component ?? '*'}/${data.source}`;
  const { verdict, reason } = judgeEvidence(check.rule, facts);
  const { stored } = await appendToLane(deps, context.parentHash, lane, {
    scope: context.scope,
    lane: name,
    step: `judged/${id}`,
    type: 'check.judged',
    actor: system('evaluator'),
    data: {
      check: check.id,
      subject,
      verdict,
      reason,
      facts: data.facts,
      evidence: id,
      attempt: earlier.filter((one) => one.event.data.subject === subject).length + 1,
      madeAt: data.madeAt,
      goodUntil: check.maxAgeSeconds === null ? null : new Date(Date.parse(data.madeAt) + check.maxAgeSeconds * 1000).toISOString(),
      by: evidence.event.actor.kind === 'person' ? evidence.event.actor.id : null,
      words: facts.type === 'attestation' ? facts.statement : null,
    },
  });
  return stored;
};

/** Finds evidence whose fan-out was interrupted, and completes it from the stored facts. */
export const completeFanOut = async (deps: Pick<Dependencies, 'trail' | 'evidence'>, context: RunContext): Promise<void> => {
  const recorded = (await deps.trail.read(context.scope, { prefix: 'evidence/' })).filter(isType('evidence.recorded'));
  const checks = byLane(await deps.trail.read(context.scope, { prefix: 'check/' }));
  for (const evidence of recorded) {
    const missing = evidence.event.data.serves.some((id) => {
      const check = itemOf(context.checklist, id);
      const lane = check?.gate ? (checks.get(lanes.check(check.gate, id)) ?? []) : [];
      return !ofType(lane, 'check.judged').some((stored) => stored.event.data.evidence === evidence.event.id);
    });
    if (missing) await fanOut(deps, context, { evidence, facts: await factsOf(deps, evidence) });
  }
};

/** The facts of recorded evidence, as they were stored before the event. */
export const factsOf = async ({ evidence }: Pick<Dependencies, 'evidence'>, { event }: Stored<'evidence.recorded'>): Promise<Facts> => {
  const bytes = await evidence.get(event.scope, event.data.facts);
  if (bytes === undefined) throw new Error(`facts ${event.data.facts} of evidence ${event.id} are not in the evidence store`);
  return readFacts(bytes);
};
