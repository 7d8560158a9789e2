import type { Actor, DataOf, Draft } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { canonical, sha256 } from '../../canonical-json.ts';
import { servingBy } from '../../checklist/proofs.ts';
import type { Dependencies } from '../../ports.ts';
import type { StoredFacts } from '../../registry/evidence.ts';
import type { RunContext } from '../state/run-context.ts';
import { servedBy } from './fan-out.ts';
import { readFollowed, tooEarly } from './too-early.ts';

/** How a report becomes evidence of a run, made by a tool of CI or by a collector. */

/** Digests of what is kept. `received` is there where secrets were removed from the report before it was kept. */
export type Kept = {
  readonly digest: string;
  readonly bytes: number;
  readonly facts: string;
  readonly received?: { readonly digest: string; readonly bytes: number };
};

/** Facts as they are stored, and their digest. */
export const factsBytes = (facts: StoredFacts): Uint8Array => new TextEncoder().encode(canonical(facts));

/**
 * Stores the report and its facts, each under its digest. Of a type whose reports quote secrets, the report is stored without them: stores
 * may be locked for years.
 */
export const storeReport = async (
  { evidence }: Pick<Dependencies, 'evidence'>,
  { scope }: Pick<RunContext, 'scope'>,
  report: {
    readonly bytes: Uint8Array;
    readonly contentType: string;
    readonly facts: Uint8Array;
    readonly scrub?: ((bytes: Uint8Array) => Uint8Array) | undefined;
  },
): Promise<Kept> => {
  const bytes = report.scrub?.(report.bytes) ?? report.bytes;
  const received = { digest: sha256(report.bytes), bytes: report.bytes.byteLength };
  const kept = { digest: sha256(bytes), bytes: bytes.byteLength, facts: sha256(report.facts) };
  await evidence.put(scope, kept.digest, bytes, report.contentType);
  await evidence.put(scope, kept.facts, report.facts, 'application/json');
  return kept.digest === received.digest ? kept : { ...kept, received };
};

export type NotCounted = { readonly check: string; readonly why: string };

/** The checks that the report serves, and those that would be served if it had been made later. */
export const servedNow = async (
  deps: Pick<Dependencies, 'trail' | 'clock'>,
  context: RunContext,
  madeAt: string,
  facts: StoredFacts,
): Promise<ReturnType<typeof servingBy> & { readonly serves: string[]; readonly notCounted: NotCounted[] }> => {
  const served = servedBy(context.checklist, facts);
  const followed = await readFollowed(deps, context, served);
  const judged = served.map((check) => ({ check: check.id, why: tooEarly(check, beganAt(madeAt, facts), followed, context) }));
  const counted = judged.flatMap(({ check, why }) => (why === undefined ? [check] : []));
  return {
    ...servingBy(
      served.filter(({ id }) => counted.includes(id)),
      facts,
    ),
    serves: counted,
    notCounted: judged.flatMap(({ check, why }) => (why === undefined ? [] : [{ check, why }])),
  };
};

/** A series is as old as its first point: what it saw before an event proves nothing about the time after it. */
const beganAt = (madeAt: string, facts: StoredFacts): string => ('from' in facts ? (facts.from ?? madeAt) : madeAt);

/** The same report of the same producer run, with the same claimed time, is one event. */
export const evidenceDraft = (
  { scope }: RunContext,
  actor: Actor,
  claimedAt: string,
  data: DataOf<'evidence.recorded'>,
): Draft<'evidence.recorded'> => ({
  scope,
  lane: lanes.evidence(data.evidence, data.source),
  step: [data.received?.digest ?? data.digest, data.producer.run, data.producer.attempt, claimedAt, data.component ?? '*'].join('/'),
  type: 'evidence.recorded',
  actor,
  data,
});
