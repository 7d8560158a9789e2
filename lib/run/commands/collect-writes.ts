import { isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { excerpt } from '../../canonical-json.ts';
import { backupCheck, itemOf } from '../../checklist/definition.ts';
import { type Targets, writesMetricOf } from '../../checklist/targets.ts';
import { readSum } from '../../collectors/metrics.ts';
import type { CloudWatchReader } from '../../collectors/ports.ts';
import { type RunContext, system } from '../state/run-context.ts';
import { appendToRun, noFollowUp, type WriterDependencies } from '../writing/append.ts';

export type WritesDependencies = WriterDependencies & { readonly cloudwatch: CloudWatchReader };

/**
 * Counts what was written since the backup was stated, for the people who decide what becomes of the data. A backup is older than its
 * statement, so the count is the least that a restore loses. What cannot be counted is recorded with its reason.
 */
export const collectWrites = async (deps: WritesDependencies, context: RunContext, targets: Targets): Promise<readonly string[]> => {
  const metric = writesMetricOf(targets);
  if (metric === undefined) return [];
  const since = await backupStatedAt(deps, context);
  const counted = since === undefined ? { failed: 'the run knows of no backup' } : await readSum(deps, metric, targets, since);
  const at = deps.clock.now().toISOString();
  const { stored } = await appendToRun(deps, context, {
    draft: {
      scope: context.scope,
      lane: lanes.rollback,
      step: `writes/${at}`,
      type: 'rollback.writes-read',
      actor: system('collector'),
      data:
        'failed' in counted
          ? { since: since ?? null, until: null, writes: null, detail: excerpt(counted.failed, 200) }
          : {
              since: counted.from,
              until: counted.until,
              writes: counted.sum,
              detail: excerpt(`${metric.namespace} ${metric.metric}`, 200),
            },
    },
    lane: 'unread',
    followUp: noFollowUp,
  });
  return [stored.event.id];
};

/** The last judgement of the check of the backup that passed. */
const backupStatedAt = async (deps: WritesDependencies, context: RunContext): Promise<string | undefined> => {
  const gate = itemOf(context.checklist, backupCheck)?.gate;
  if (gate == null) return undefined;
  const judged = (await deps.trail.read(context.scope, { lane: lanes.check(gate, backupCheck) })).filter(isType('check.judged'));
  return judged.findLast(({ event }) => event.data.verdict === 'pass')?.event.data.madeAt;
};
