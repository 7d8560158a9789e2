import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Checklist, type Line, lineOf } from '../../checklist/definition.ts';
import { type EvidenceRule, isEvidenceRule } from '../../checklist/rule.ts';
import { applies } from '../../evaluation/applies.ts';
import { judgeEvidence } from '../../evaluation/judge-evidence.ts';
import type { Judgement } from '../../evaluation/verdict.ts';
import { releases } from '../../evaluation/verdict.ts';
import type { Facts } from '../../evidence/facts.ts';
import { readFacts } from '../../evidence/stored.ts';
import type { World } from '../../ports.ts';
import { findingFrom } from '../state/findings.ts';
import { appendTo, byLane, ofType, type RunHead, system } from '../state/run-context.ts';
import type { Look } from './recheck.ts';
import { afterChange, type Changed } from './regressions.ts';

/** What a report came to for one line. */
export type Judged = { readonly line: string; readonly verdict: string; readonly reason: string; readonly attempt: number };

type Proved = Line & { readonly rule: EvidenceRule };

const isProved = (line: Line): line is Proved => line.rule !== null && isEvidenceRule(line.rule);

/** The lines whose rule judges this kind of report; of a SARIF file, for instance, only those that trust its tool. */
export const servedBy = (checklist: Checklist, facts: Facts): Proved[] =>
  checklist.lines.filter(isProved).filter((line) => line.gate !== null && applies(line.rule, facts));

/**
 * A line may demand evidence made after an event of the run. Undefined: the evidence counts. What does not count is not judged,
 * and the sender is told why.
 */
export const tooEarly = (line: Line, madeAt: string, deployment: readonly Stored[], head: RunHead): string | undefined => {
  if (line.after === null) return undefined;
  const after = line.after;
  const times = head.started.event.data.artifacts.map(
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
 * Judges one recorded piece of evidence for every line that it serves, in each line's lane; lines that have judged it already are
 * left alone, so that a fan-out that broke off is completed by running it again.
 */
export const fanOut = async (
  world: Pick<World, 'trail' | 'settler' | 'clock'>,
  head: RunHead,
  { evidence, facts }: { readonly evidence: Stored<'evidence.recorded'>; readonly facts: Facts },
  look?: Look,
): Promise<Judged[]> => {
  const judged: Judged[] = [];
  const changed: Changed[] = [];
  for (const id of evidence.event.data.serves) {
    const line = lineOf(head.checklist, id);
    if (line === undefined || !isProved(line)) continue;
    const { stored, lane } = await judge(world, head, line, evidence, facts);
    const { verdict, reason, attempt } = stored.event.data;
    judged.push({ line: id, verdict, reason, attempt });
    const finding = findingFrom(line, [...lane, stored], head, { now: world.clock.now() });
    changed.push({ line, releases: releases(finding.verdict), verdict: finding.verdict });
  }
  await afterChange(world, head, changed, look);
  return judged;
};

const judge = async (
  world: Pick<World, 'trail'>,
  head: RunHead,
  line: Proved,
  evidence: Stored<'evidence.recorded'>,
  facts: Facts,
): Promise<{ stored: Stored<'check.judged'>; lane: readonly Stored[] }> => {
  const { data, id } = evidence.event;
  const name = lanes.check(line.gate ?? '', line.id);
  const lane = await world.trail.read(head.scope, { lane: name });
  const earlier = ofType(lane, 'check.judged');
  const same = earlier.find((stored) => stored.event.data.evidence === id);
  if (same !== undefined) return { stored: same, lane: lane.filter((stored) => stored.event.seq !== same.event.seq) };
  const subject = `${data.component ?? '*'}/${data.source}`;
  const judgement: Judgement = judgeEvidence(line.rule, facts);
  const attempt = earlier.filter((stored) => stored.event.data.subject === subject).length + 1;
  const goodUntil = line.maxAgeSeconds === null ? null : new Date(Date.parse(data.madeAt) + line.maxAgeSeconds * 1000).toISOString();
  const { stored } = await appendTo(world, head.opener, lane, {
    scope: head.scope,
    lane: name,
    step: `judged/${id}`,
    type: 'check.judged',
    actor: system('settler'),
    data: {
      line: line.id,
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
export const completeFanOut = async (world: Pick<World, 'trail' | 'settler' | 'clock' | 'evidence'>, head: RunHead): Promise<void> => {
  const recorded = (await world.trail.read(head.scope, { prefix: 'evidence/' })).filter(isType('evidence.recorded'));
  const checks = byLane(await world.trail.read(head.scope, { prefix: 'check/' }));
  for (const evidence of recorded) {
    const missing = evidence.event.data.serves.some((id) => {
      const line = lineOf(head.checklist, id);
      const lane = line?.gate ? (checks.get(lanes.check(line.gate, id)) ?? []) : [];
      return !ofType(lane, 'check.judged').some((stored) => stored.event.data.evidence === evidence.event.id);
    });
    if (!missing) continue;
    await fanOut(world, head, { evidence, facts: await factsOf(world, evidence) });
  }
};

/** The facts of recorded evidence, as they were stored before the event. */
export const factsOf = async ({ evidence }: Pick<World, 'evidence'>, { event }: Stored<'evidence.recorded'>): Promise<Facts> => {
  const bytes = await evidence.get(event.scope, event.data.facts);
  if (bytes === undefined) throw new Error(`facts ${event.data.facts} of evidence ${event.id} are not in the evidence store`);
  return readFacts(bytes);
};
