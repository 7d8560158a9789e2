import { type Actor, type DataOf, type Draft, isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { eventId } from '../../audit/make-event.ts';
import { canonical, sha256 } from '../../canonical-json.ts';
import { servingBy } from '../../checklist/proofs.ts';
import type { Dependencies } from '../../ports.ts';
import type { StoredFacts } from '../../registry/evidence.ts';
import type { RunContext } from '../state/run-context.ts';
import { factsOf, fanOut, servedBy } from './fan-out.ts';
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

/**
 * A series is as old as its first point: what it saw before an event proves nothing about the time after it. A load test was made at its end, and
 * began as long before as it took; one that does not say how long it took proves nothing, which its rule says.
 */
const beganAt = (madeAt: string, facts: StoredFacts): string => {
  if ('from' in facts) return facts.from ?? madeAt;
  return 'durationSeconds' in facts ? new Date(Date.parse(madeAt) - (facts.durationSeconds ?? 0) * 1000).toISOString() : madeAt;
};

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

type Recorded = Stored<'evidence.recorded'>;
type Reported = Draft<'evidence.recorded'>;

/** `lane`: as it was read, whole. `before`: what the report was recorded as earlier, without the event that the draft is. */
export type Reporting = { readonly draft: Reported; readonly lane: readonly Stored[]; readonly before: readonly Recorded[] };

/**
 * A report that was recorded before is the same event again. Where it counts by now for checks for which it was too early, it becomes an event of
 * its own that serves only these, so that sending it again is enough. Sent once more, it is that event.
 */
export const reporting = async (deps: Pick<Dependencies, 'trail'>, draft: Reported): Promise<Reporting> => {
  const lane = await deps.trail.read(draft.scope, { lane: draft.lane });
  const stepAt = (place: number): string => (place === 0 ? draft.step : `${draft.step}/again/${place}`);
  const recordedAt = (place: number): Recorded | undefined => {
    const id = eventId(draft.scope, draft.lane, stepAt(place));
    return lane.filter(isType('evidence.recorded')).find(({ event }) => event.id === id);
  };
  const before: Recorded[] = [];
  for (let one = recordedAt(0); one !== undefined; one = recordedAt(before.length)) before.push(one);
  const served = before.flatMap(({ event }) => event.data.serves);
  const serves = draft.data.serves.filter((check) => !served.includes(check));
  if (before.length > 0 && serves.length === 0)
    return { draft: { ...draft, step: stepAt(before.length - 1) }, lane, before: before.slice(0, -1) };
  const { sources, ...data } = draft.data;
  const several = Object.entries(sources ?? {}).filter(([check]) => serves.includes(check));
  const further = several.length === 0 ? {} : { sources: Object.fromEntries(several) };
  return { draft: { ...draft, step: stepAt(before.length), data: { ...data, serves, ...further } }, lane, before };
};

/** Judges the report for every check that it serves, as each of the events that it was recorded as. */
export const judgeReport = async (
  deps: Pick<Dependencies, 'trail' | 'evidence'>,
  context: RunContext,
  { before }: Reporting,
  given: { readonly evidence: Recorded; readonly facts: StoredFacts },
): Promise<readonly Stored[]> => {
  const judged: Stored[] = [];
  for (const evidence of before) judged.push(...(await fanOut(deps, context, { evidence, facts: await factsOf(deps, evidence) })));
  return [...judged, ...(await fanOut(deps, context, given))];
};
