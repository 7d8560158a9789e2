import { byLane, isType, type Stored } from '../audit/event.ts';
import { lanes } from '../audit/lane.ts';
import { foldObservations, type Observed } from '../folds/observations.ts';
import { whyNotCounted } from '../rules/observed.ts';
import { observationsIn } from '../run/state/gate-inputs.ts';
import type { RunContext } from '../run/state/run-context.ts';
import type { Interval } from './review-charts.ts';

/** An observation of a run with everything that was recorded about it. */
export type SeenView = Pick<Observed, 'observation' | 'kind' | 'bad' | 'subject' | 'summary' | 'observedAt' | 'recordedAt' | 'seenAt'> & {
  /** Of a bad one: its place among the bad ones of the run, from 1. */
  readonly number: number | null;
  readonly clearedAt: string | null;
  /** Of an alarm that is not OK again: since when CloudWatch does not know its state. */
  readonly unknownSince: string | null;
  readonly label: NonNullable<Observed['label']> | null;
  readonly labelledBy: string | null;
  readonly labelledAt: string | null;
  /** Id of the event of the label that counts. */
  readonly labelEvent: string | null;
  /** Digests of what people wrote: of the one who labelled it, and of the one who saw it. */
  readonly explanation: string | null;
  readonly words: string | null;
  /** Of planned work that was announced: the person or CI identity, and the digest of the reason. */
  readonly announced: { readonly by: string; readonly reason: string } | null;
  /** The person who reported it; null for a feed and for CI. */
  readonly by: string | null;
  /** Of an alarm: its account and region, where the feed says them. */
  readonly where: string | null;
  /** Why the rules do not count it; null where they do. */
  readonly notCounted: string | null;
};

/** Every observation of the run, in the order in which it was seen. */
export const seenIn = (events: readonly Stored[], { started }: RunContext): readonly SeenView[] => {
  const groups = byLane(events);
  const { artifacts } = started.event.data;
  const deployed = { lane: groups.get(lanes.deployment) ?? [], artifacts };
  const labels = new Map(events.filter(isType('observation.labelled')).map(({ event }) => [event.data.observation, event]));
  const actors = new Map(events.filter(isType('observation.recorded')).map(({ event }) => [event.id, event.actor]));
  const observed = foldObservations(observationsIn(groups)).toSorted((a, b) => (a.seenAt < b.seenAt ? -1 : Number(a.seenAt > b.seenAt)));
  let bad = 0;
  return observed.map((one): SeenView => {
    const label = labels.get(one.observation);
    const actor = actors.get(one.event);
    if (one.bad) bad += 1;
    const { observation, kind, subject, summary, observedAt, recordedAt, seenAt } = one;
    return {
      observation,
      kind,
      bad: one.bad,
      subject,
      summary,
      observedAt,
      recordedAt,
      seenAt,
      number: one.bad ? bad : null,
      clearedAt: one.clearedAt ?? null,
      unknownSince: one.unknownSince ?? null,
      where: one.where ?? null,
      label: one.label ?? null,
      labelledBy: one.labelledBy ?? null,
      labelledAt: label?.at ?? null,
      labelEvent: label?.id ?? null,
      explanation: one.explanation ?? null,
      words: one.words,
      announced: one.announced ?? null,
      by: actor?.kind === 'person' ? actor.id : null,
      notCounted: whyNotCounted(one, deployed) ?? null,
    };
  });
};

/** A page lists so many. */
const mostSeen = 80;

/** Bad ones without a label first, then other bad ones, then good ones; of each the newest first. */
export const shownOf = (seen: readonly SeenView[]): readonly SeenView[] => {
  const rank = ({ bad, label, notCounted }: SeenView): number => (!bad ? 2 : label === null && notCounted === null ? 0 : 1);
  return seen
    .toReversed()
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, mostSeen);
};

/** Holdpoint's own looks at one probe, as far as they are recorded. */
export type ProbeLooks = {
  readonly probe: string;
  readonly critical: boolean;
  readonly passed: number;
  /** The looks that were not good, the newest. */
  readonly notGood: readonly { readonly at: string; readonly outcome: 'failed' | 'unsteady' }[];
  readonly notGoodLeftOut: number;
};

const mostLooks = 20;

export const looksOf = (measurement: readonly Stored[], { from, to }: Interval): readonly ProbeLooks[] => {
  const looks = measurement
    .filter(isType('probe.measured'))
    .map(({ event }) => event.data)
    .filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= to);
  return [...new Set(looks.map(({ probe }) => probe))].sort().map((probe) => {
    const own = looks.filter((one) => one.probe === probe);
    const notGood = own.flatMap(({ at, outcome }) => (outcome === 'passed' ? [] : [{ at, outcome }]));
    return {
      probe,
      critical: own.some(({ critical }) => critical),
      passed: own.length - notGood.length,
      notGood: notGood.slice(-mostLooks),
      notGoodLeftOut: Math.max(0, notGood.length - mostLooks),
    };
  });
};
