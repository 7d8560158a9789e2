import { digestOf } from '../../canonical.ts';
import { type Gate, gateOf } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { liveFindings } from './computed.ts';
import type { Reading } from './gate-inputs.ts';

/** The gate report that people sign: what it covers is exactly what its digest covers. */
export type GateReport = {
  readonly digest: string;
  /** The first six characters, upper case: what a person types to say "this one". */
  readonly code: string;
  readonly gates: readonly { readonly id: string; readonly title: string; readonly lines: readonly Finding[] }[];
  /** Digest per line, to say which line changed. */
  readonly byLine: Readonly<Record<string, string>>;
};

/**
 * Covers verdicts, facts as their sentences, waivers, definition, artifacts, commit and T0. Not times and not attempt counts:
 * an unchanged re-run does not void an answer.
 */
export const reportOf = (reading: Reading, gate: Gate): GateReport => {
  const gates = gate.reports.map((id) => ({
    id,
    title: gateOf(reading.head.checklist, id)?.title ?? id,
    lines: liveFindings(id, reading),
  }));
  const byLine = Object.fromEntries(gates.flatMap(({ lines }) => lines).map((finding) => [finding.line, digestOf(covered(finding))]));
  const { definition, artifacts, commit, plannedT0, version } = reading.head.started.event.data;
  const digest = digestOf({ run: reading.head.run, gate: gate.id, definition, artifacts, commit, plannedT0, version, lines: byLine });
  return { digest, code: digest.slice(0, 6).toUpperCase(), gates, byLine };
};

const covered = (finding: Finding): object => ({
  verdict: finding.verdict,
  subjects: finding.subjects
    .map(({ subject, verdict, reason }) => ({ subject, verdict, reason }))
    .sort((a, b) => (a.subject < b.subject ? -1 : 1)),
  // A person's word is its words: said anew it is another one. Measured facts change with every re-run; their sentence says all that counts.
  words: finding.basis === 'attested' || finding.basis === 'rehearsed' ? finding.facts : null,
  exception:
    finding.verdict === 'waived' || finding.verdict === 'not-applicable' ? { reason: finding.reason, until: finding.goodUntil } : null,
});
