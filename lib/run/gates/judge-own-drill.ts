import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { checksOf, type Gate, type Item } from '../../checklist/definition.ts';
import { ownDrill } from '../../evaluation/own-subjects.ts';
import { newestDrill } from '../../folds/environment.ts';
import type { Dependencies } from '../../ports.ts';
import { isProvedByDrill, judgeDrill } from '../../registry/rules.ts';
import { type GateInputs, laneOfCheck } from '../state/gate-inputs.ts';
import { appendSubject } from './append-subject.ts';
import { readDrills } from './read-environment.ts';

type Judger = Pick<Dependencies, 'trail' | 'stage'>;

/**
 * A rehearsal of the rollback that Holdpoint recorded proves a check that asks for a record of one. Where there was none nothing is said: a
 * record may come. One look passes until it is too old, as the evidence of the check would be; then a newer rehearsal takes its place, also where the
 * run waits at a later gate by now.
 */
export const judgeOwnDrill = async (deps: Judger, inputs: GateInputs, gate: Gate): Promise<GateInputs> => {
  const checks = new Map(inputs.checks);
  for (const id of [...inputs.judgedAgain, gate.id])
    for (const check of checksOf(inputs.context.checklist, id)) {
      if (check.rule === null || !isProvedByDrill(check.rule)) continue;
      checks.set(lanes.check(id, check.id), await judged(deps, inputs, check, laneOfCheck(inputs, check)));
    }
  return { ...inputs, checks };
};

const judged = async (deps: Judger, { context, now }: GateInputs, check: Item, lane: readonly Stored[]): Promise<readonly Stored[]> => {
  const before = lane.filter(isType('check.judged')).filter(({ event }) => event.data.subject === ownDrill);
  const last = before.at(-1)?.event.data;
  if (last?.verdict === 'pass' && (last.goodUntil ?? '') > now.toISOString()) return lane;
  const { service } = context.started.event.data;
  const drill = newestDrill(await readDrills(deps, service));
  if (drill === undefined) return lane;
  const maxAgeSeconds = check.maxAgeSeconds ?? 0;
  const judgement = judgeDrill({ maxAgeSeconds, now, service, drill });
  // One that is too old says nothing any more, and must not outweigh a record. One that failed lately does.
  if (last === undefined && Date.parse(drill.at) + maxAgeSeconds * 1000 <= now.getTime()) return lane;
  if (last !== undefined && last.verdict === judgement.verdict && last.reason === judgement.reason) return lane;
  const stored = await appendSubject(deps, context, lane, {
    check,
    subject: ownDrill,
    step: `own-drill/${before.length + 1}`,
    judgement,
    madeAt: drill.at,
    producerRun: drill.run,
    goodUntil: new Date(Date.parse(drill.at) + maxAgeSeconds * 1000).toISOString(),
    before,
  });
  // Who wrote in between has the gate looked at again.
  return stored === undefined
    ? deps.trail.read(context.scope, { lane: lanes.check(check.gate ?? '', check.id) })
    : [...lane, stored as Stored];
};
