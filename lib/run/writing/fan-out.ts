import { byLane, isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Checklist, type Item, itemOf } from '../../checklist/definition.ts';
import { type EvidenceRule, isEvidenceRule } from '../../checklist/rule.ts';
import { applies } from '../../evaluation/applies.ts';
import { judgeEvidence } from '../../evaluation/judge-evidence.ts';
import type { Judgement } from '../../evaluation/verdict.ts';
import { satisfies } from '../../evaluation/verdict.ts';
import type { Facts } from '../../evidence/facts.ts';
import { readFacts } from '../../evidence/stored.ts';
import type { Dependencies } from '../../ports.ts';
import { findingFrom } from '../state/findings.ts';
import { appendToLane, ofType, type RunContext, system } from '../state/run-context.ts';
import type { Recheck } from './recheck.ts';
import { type Changed, recordConsequences } from './regressions.ts';

/** What a report came to for one check. */
export type Judged = { readonly check: string; readonly verdict: string; readonly reason: string; readonly attempt: number };

type Proved = Item & { readonly rule: EvidenceRule };

const isProved = (check: Item): check is Proved => check.rule !== null && isEvidenceRule(check.rule);

/** The checks whose rule judges this kind of report; of a SARIF file, for instance, only those that trust its tool. */
export const servedBy = (checklist: Checklist, facts: Facts): Proved[] =>
  checklist.items.filter(isProved).filter((check) => check.gate !== null && applies(check.rule, facts));

/**
 * A check may demand evidence made after an event of the run. Undefined: the evidence counts. What does not count is not judged,
 * and the sender is told why.
 */
export const tooEarly = (check: Item, madeAt: string, deployment: readonly Stored[], context: RunContext): string | undefined => {
  if (check.after === null) return undefined;
  const after = check.after;
  const times = context.started.event.data.artifacts.map(
    ({ component }) =>
      deployment.findLast(
        (stored) => stored.event.type === after && 'component' in stored.event.data && stored.event.data.component === component,
      )?.event.at,
  );
  if (times.some((time) => time === undefined)) return `made before ${after}, which it must follow`;
  const last = (times as string[]).sort().at(-1) ?? '';
  return madeAt < last ? `made at ${madeAt}, before ${after} at ${last}, which it must follow` : undefined;
};

/**
 * Judges one recorded piece of evidence for every check that it serves, in each check's lane; checks that have judged it already are
 * left alone, so that a fan-out that broke off is completed by running it again.
 */
export const fanOut = async (
  deps: Pick<Dependencies, 'trail' | 'reconciler' | 'clock'>,
  context: RunContext,
  { evidence, facts }: { readonly evidence: Stored<'evidence.recorded'>; readonly facts: Facts },
  recheck?: Recheck,
): Promise<Judged[]> => {
  const judged: Judged[] = [];
  const changed: Changed[] = [];
  for (const id of evidence.event.data.serves) {
    const check = itemOf(context.checklist, id);
    if (check === undefined || !isProved(check)) continue;
    const { stored, lane } = await judge(deps, context, check, evidence, facts);
    const { verdict, reason, attempt } = stored.event.data;
    judged.push({ check: id, verdict, reason, attempt });
    const finding = findingFrom(check, [...lane, stored], context, { now: deps.clock.now() });
    changed.push({ check, satisfied: satisfies(finding.verdict), verdict: finding.verdict });
  }
  await recordConsequences(deps, context, changed, recheck);
  return judged;
};

const judge = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  check: Proved,
  evidence: Stored<'evidence.recorded'>,
  facts: Facts,
): Promise<{ stored: Stored<'check.judged'>; lane: readonly Stored[] }> => {
  const { data, id } = evidence.event;
  const name = lanes.check(check.gate ?? '', check.id);
  const lane = await deps.trail.read(context.scope, { lane: name });
  const earlier = ofType(lane, 'check.judged');
  const same = earlier.find((stored) => stored.event.data.evidence === id);
  if (same !== undefined) return { stored: same, lane: lane.filter((stored) => stored.event.seq !== same.event.seq) };
  const subject = `${data.component ?? '*'}/${data.source}`;
  const judgement: Judgement = judgeEvidence(check.rule, facts);
  const attempt = earlier.filter((stored) => stored.event.data.subject === subject).length + 1;
  const goodUntil = check.maxAgeSeconds === null ? null : new Date(Date.parse(data.madeAt) + check.maxAgeSeconds * 1000).toISOString();
  const { stored } = await appendToLane(deps, context.parentHash, lane, {
    scope: context.scope,
    lane: name,
    step: `judged/${id}`,
    type: 'check.judged',
    actor: system('reconciler'),
    data: {
      check: check.id,
      subject,
      verdict: judgement.verdict,
      reason: judgement.reason,
      facts: data.facts,
      evidence: id,
      attempt,
      madeAt: data.madeAt,
      goodUntil,
      by: evidence.event.actor.kind === 'person' ? evidence.event.actor.id : null,
      words: facts.type === 'attestation' ? facts.statement : null,
    },
  });
  return { stored, lane };
};

/** Finds evidence whose fan-out broke off and completes it from the stored facts. */
export const completeFanOut = async (
  deps: Pick<Dependencies, 'trail' | 'reconciler' | 'clock' | 'evidence'>,
  context: RunContext,
): Promise<void> => {
  const recorded = (await deps.trail.read(context.scope, { prefix: 'evidence/' })).filter(isType('evidence.recorded'));
  const checks = byLane(await deps.trail.read(context.scope, { prefix: 'check/' }));
  for (const evidence of recorded) {
    const missing = evidence.event.data.serves.some((id) => {
      const check = itemOf(context.checklist, id);
      const lane = check?.gate ? (checks.get(lanes.check(check.gate, id)) ?? []) : [];
      return !ofType(lane, 'check.judged').some((stored) => stored.event.data.evidence === evidence.event.id);
    });
    if (!missing) continue;
    await fanOut(deps, context, { evidence, facts: await factsOf(deps, evidence) });
  }
};

/** The facts of recorded evidence, as they were stored before the event. */
export const factsOf = async ({ evidence }: Pick<Dependencies, 'evidence'>, { event }: Stored<'evidence.recorded'>): Promise<Facts> => {
  const bytes = await evidence.get(event.scope, event.data.facts);
  if (bytes === undefined) throw new Error(`facts ${event.data.facts} of evidence ${event.id} are not in the evidence store`);
  return readFacts(bytes);
};
