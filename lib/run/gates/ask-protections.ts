import { lanes } from '../../audit/lane.ts';
import { protectionOf } from '../../checklist/probe.ts';
import { proofNamed } from '../../checklist/proofs.ts';
import { protectingProbes, type Targets } from '../../checklist/targets.ts';
import { probesPass } from '../../rules/probes-pass.ts';
import { type GateInputs, isAfterT0 } from '../state/gate-inputs.ts';
import { whyNotStaged } from '../writing/too-early.ts';
import { dueAgainAt, lookAgainMs, looksIn, sourceProbing } from './ask-collector.ts';
import type { Reconciliation } from './reconciliation.ts';

/**
 * Asks the collector, before T0, for the probes in staging that show how the service is protected, once staging runs the release. Each line that such
 * a probe can prove is looked at until it passes; what fails blocks its gate, also one that passed on tests.
 */
export const askProtections = async (
  deps: Pick<Reconciliation, 'collector' | 'retryAt' | 'trail' | 'clock'>,
  inputs: GateInputs,
  staging: Targets,
): Promise<void> => {
  const { context, gates, now } = inputs;
  if (isAfterT0(context, gates)) return;
  const shown = new Set<unknown>(protectingProbes(staging).map(protectionOf));
  const lines = context.checklist.items.flatMap((item) => {
    const source = sourceProbing(item, 'protections');
    const asked = source === undefined ? undefined : probesPass.schema.safeParse(proofNamed(item, source)?.rule).data?.probes;
    return source === undefined || item.gate === null || !shown.has(asked) ? [] : [{ source, lane: lanes.check(item.gate, item.id) }];
  });
  if (lines.length === 0 || (await whyNotStaged(deps, context)) !== undefined) return;
  const due = await Promise.all(
    lines.map(async ({ source, lane }) => dueAgainAt(looksIn(await deps.trail.read(context.scope, { lane }), source), 0, null)),
  );
  const times = due.flatMap((at) => at ?? []);
  if (times.some((at) => at <= now.getTime())) await deps.collector.request(context.run, { kind: 'protections' });
  for (const at of times) deps.retryAt(new Date(at <= now.getTime() ? now.getTime() + lookAgainMs : at));
};
