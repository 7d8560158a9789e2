import type { Stored } from '../../audit/event.ts';
import { canonical } from '../../canonical-json.ts';
import type { EvidenceKind } from '../../evidence/kind.ts';
import type { Dependencies } from '../../ports.ts';
import type { EvidenceType, Facts } from '../../registry/evidence.ts';
import { type RunContext, system } from '../state/run-context.ts';
import { appendToRun, type WriterDependencies } from '../writing/append.ts';
import { evidenceDraft, factsBytes, servedNow, storeReport } from '../writing/evidence-report.ts';
import { fanOut } from '../writing/fan-out.ts';
import { madeAtOf } from './made-at.ts';

export type CollectedDependencies = WriterDependencies & Pick<Dependencies, 'evidence'>;

/** What a collector saw: `look` names the look, so that all its reports are parts of one result. */
export type Collected = { readonly source: string; readonly look: string; readonly report: object };

/**
 * Records what a collector saw as evidence of the run, with the collector as its source, judged like any other evidence. The kind is the
 * module of its type, not its name: only these types' parsers belong into the collector's bundle. Throws when the report cannot be read: a fault of ours.
 */
export const recordCollected = async (
  deps: CollectedDependencies,
  context: RunContext,
  kind: Pick<EvidenceKind, 'parse'> & { readonly id: EvidenceType },
  { source, look, report }: Collected,
): Promise<{ readonly event: Stored<'evidence.recorded'>; readonly facts: Facts }> => {
  const bytes = new TextEncoder().encode(canonical(report));
  const parsed = kind.parse(bytes);
  if (parsed.refused) throw new Error(`a collector wrote a report of ${kind.id} that cannot be read: ${parsed.refused.got}`);
  const now = deps.clock.now();
  const madeAt = madeAtOf(now.toISOString(), parsed.reportTime, now);
  const facts = parsed.ok as Facts;
  const { notCounted: _, ...serving } = await servedNow(deps, context, madeAt, facts);
  const kept = await storeReport(deps, context, { bytes, contentType: 'application/json', facts: factsBytes(facts) });
  const { stored } = await appendToRun(deps, context, {
    draft: evidenceDraft(context, system('collector'), madeAt, {
      evidence: kind.id,
      source,
      component: null,
      commit: null,
      artifact: null,
      ...kept,
      madeAt,
      producer: { run: look, attempt: 1 },
      exitCode: null,
      ...serving,
    }),
    lane: 'unread',
    followUp: (appended) => fanOut(deps, context, { evidence: appended.stored, facts }),
  });
  return { event: stored, facts };
};
