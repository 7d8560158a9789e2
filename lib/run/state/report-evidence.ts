import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { standingOf } from '../../evaluation/standing.ts';

/** One piece of evidence, as it can be downloaded. `service`: given for the service, and carried; null for what was sent to the run. */
export type GivenEvidence = { readonly digest: string; readonly type: string; readonly service: string | null };

/** The evidence of a check of a report: the newest pieces that count, and how many more do. */
export type CheckEvidence = {
  readonly check: string;
  readonly title: string;
  readonly given: readonly GivenEvidence[];
  readonly more: number;
};

/** So many pieces of a check are listed: the page of the check has all. */
const mostListed = 3;

type Gates = readonly { readonly id: string; readonly checks: readonly Finding[] }[];

/**
 * What was given for each check of a report and counts. `evidence`: the lanes of evidence of the run. A check without any follows from what the
 * trail itself holds, or nothing was given.
 */
export const evidenceOfReport = (
  gates: Gates,
  checks: ReadonlyMap<string, readonly Stored[]>,
  evidence: readonly Stored[],
): readonly CheckEvidence[] => {
  const byEvent = new Map(evidence.flatMap((stored) => givenBy(stored).map((given) => [stored.event.id, given] as const)));
  return gates.flatMap((gate) =>
    gate.checks.map(({ check, title }): CheckEvidence => {
      const standing = standingOf(checks.get(lanes.check(gate.id, check)) ?? []).toReversed();
      const given = standing.flatMap(({ event }) => byEvent.get(event.data.evidence ?? '') ?? []);
      const distinct = [...new Map(given.map((one) => [one.digest, one])).values()];
      return { check, title, given: distinct.slice(0, mostListed), more: Math.max(0, distinct.length - mostListed) };
    }),
  );
};

const givenBy = (stored: Stored): readonly GivenEvidence[] => {
  if (isType('evidence.recorded')(stored)) {
    const { digest, evidence: type } = stored.event.data;
    return [{ digest, type, service: null }];
  }
  if (!isType('evidence.carried')(stored)) return [];
  const { digest, evidence: type, from } = stored.event.data;
  return [{ digest, type, service: from.scope.replace(/^service\//, '') }];
};
