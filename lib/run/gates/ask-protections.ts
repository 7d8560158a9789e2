import { lanes } from '../../audit/lane.ts';
import type { Targets } from '../../checklist/targets.ts';
import { type GateInputs, isAfterT0 } from '../state/gate-inputs.ts';
import { whyNotStaged } from '../writing/too-early.ts';
import { lookAgainMs, looksIn, nextLook, protectedLines } from './planned-looks.ts';
import type { Reconciliation } from './reconciliation.ts';

/**
 * Asks the collector, before T0, for the probes in staging that show how the service is protected, once staging runs the release. Each check that such
 * a probe can prove is looked at until it passes; what fails blocks its gate, also one that passed on tests.
 */
export const askProtections = async (
  deps: Pick<Reconciliation, 'collector' | 'retryAt' | 'trail' | 'clock'>,
  inputs: GateInputs,
  staging: Targets,
): Promise<void> => {
  const { context, gates, now } = inputs;
  if (isAfterT0(context, gates)) return;
  const lines = protectedLines(context.checklist, staging);
  if (lines.length === 0 || (await whyNotStaged(deps, context)) !== undefined) return;
  const due = await Promise.all(
    lines.map(async ({ source, line }) =>
      nextLook(looksIn(await deps.trail.read(context.scope, { lane: lanes.check(line.gate ?? '', line.id) }), source, line), 0, null),
    ),
  );
  const times = due.flatMap((next) => next?.dueAt ?? []);
  if (times.some((at) => at <= now.getTime())) await deps.collector.request(context.run, { kind: 'protections' });
  for (const at of times) deps.retryAt(new Date(at <= now.getTime() ? now.getTime() + lookAgainMs : at));
};
