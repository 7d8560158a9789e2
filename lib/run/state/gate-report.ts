import { lanes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical-json.ts';
import { checksOf, type Gate, gateOf, goGateOf } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { type Round, resultOf } from '../../folds/approval-rounds.ts';
import { foldOnce } from '../../folds/fold-once.ts';
import { lanesReadBy } from '../../registry/rules.ts';
import { authorsIn } from './authors.ts';
import { currentFindings } from './current-findings.ts';
import { type SignedTarget, signedTarget } from './environment.ts';
import { type GateInputs, isAfterT0 } from './gate-inputs.ts';
import { exceptionsOf, type RunExceptions } from './run-exceptions.ts';

/** The gate report that people sign. */
export type GateReport = {
  readonly digest: string;
  /** The first six characters, upper case. The person types them to confirm that this report was read. */
  readonly code: string;
  readonly gates: readonly { readonly id: string; readonly title: string; readonly checks: readonly Finding[] }[];
  /** Of the whole run so far: what a signer must know before the rest. */
  readonly exceptions: RunExceptions;
  /** The digests of who wrote the release (`authorsIn`): null where that is not known, undefined where the gate does not ask. */
  readonly authors: readonly string[] | null | undefined;
  /** Digest per check of the report and per exception elsewhere in the run, to say which check changed. */
  readonly byCheck: Readonly<Record<string, string>>;
};

/**
 * The digest covers run, gate, definition, version, artifacts, commit and planned T0, of each check its verdict, reasons, attested words
 * and waiver with its end, the same of each exception in other gates, the overridden freezes, the breached budgets of a rollback, before T0 the version to which a rollback would lead, the
 * authors of the release where the gate asks for a signer who did not write it, and the incidents after which the run was resumed. It covers neither attempts nor times of recording, so that a re-run with the same result invalidates no answer.
 */
export const reportOf = (inputs: GateInputs, gate: Gate): GateReport => reportOnce(inputs, gate.id, [], () => makeReport(inputs, gate));

const reportOnce = foldOnce<GateReport>();

const makeReport = (inputs: GateInputs, gate: Gate): GateReport => {
  const gates = gate.reports.map((id) => ({
    id,
    title: gateOf(inputs.context.checklist, id)?.title ?? id,
    checks: currentFindings(id, inputs),
  }));
  const exceptions = exceptionsOf(inputs, gate);
  const elsewhere = exceptions.checks.filter((one) => !gates.some(({ id }) => id === one.gate)).map(({ finding }) => finding);
  const findings = [...gates.flatMap(({ checks }) => checks), ...elsewhere];
  const byCheck = Object.fromEntries(findings.map((finding) => [finding.check, digestOf(covered(finding))]));
  const { definition, artifacts, commit, version } = inputs.context.started.event.data;
  const { plannedT0 } = inputs.context;
  const resumed = exceptions.resumed.map(({ title, at }) => ({ title, at }));
  const about = { run: inputs.context.run, gate: gate.id, definition, artifacts, commit, plannedT0, version };
  const overridden = exceptions.overridden.map(({ freeze }) => freeze);
  const target = targetOf(inputs, gate);
  const authors = gate.nonAuthors === 0 ? undefined : authorsIn(inputs, gate);
  const breaches = exceptions.breaches.map(({ budget, round }) => `${budget} ${round}`);
  const digest = digestOf({
    ...about,
    checks: byCheck,
    resumed,
    overridden,
    ...(breaches.length === 0 ? {} : { breaches }),
    ...(target === undefined ? {} : { target }),
    ...(authors === undefined ? {} : { authors }),
  });
  return { digest, code: digest.slice(0, 6).toUpperCase(), gates, exceptions, authors, byCheck };
};

/** The version that a rollback would lead to is a part of what people sign before T0. Undefined where it is not. */
const targetOf = ({ context, live }: GateInputs, gate: Gate): SignedTarget | null | undefined =>
  live === null || goGateOf(context.checklist)?.id !== gate.id ? undefined : signedTarget(live, context.started.event.data.waitScale);

/** Of each check of these gates a digest of what a report covers. */
export const coveredChecks = (inputs: GateInputs, gates: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(gates.flatMap((id) => currentFindings(id, inputs)).map((finding) => [finding.check, digestOf(covered(finding))]));

const covered = (finding: Finding): object => ({
  verdict: finding.verdict,
  subjects: finding.subjects
    .map(({ subject, verdict, reason }) => ({ subject, verdict, reason }))
    .sort((a, b) => (a.subject < b.subject ? -1 : 1)),
  // Other words of a person are another fact. Measured facts change with every re-run, and their sentence has the figures that count.
  words: finding.basis === 'attested' || finding.basis === 'simulated' ? finding.facts : null,
  exception:
    finding.verdict === 'waived' || finding.verdict === 'not-applicable' ? { reason: finding.reason, until: finding.goodUntil } : null,
  ...exceptedParts(finding),
});

/** What people excepted of the check's parts, also of a check that is not satisfied all the same. */
const exceptedParts = ({ parts }: Finding): object => {
  const excepted = (parts?.listed ?? []).flatMap(({ subject, verdict, exception }) =>
    exception === null ? [] : [{ subject, verdict, by: exception.by, until: exception.until }],
  );
  return excepted.length === 0 ? {} : { parts: excepted.sort((a, b) => (a.subject < b.subject ? -1 : 1)) };
};

/**
 * Whether the approvals of a round must be requested again. Before T0 a change of the report invalidates the answers. After T0 the report
 * stays as it was sent, and a change invalidates nothing. A person who requested changes is asked again as soon as anything that the report covers was
 * proved, attested or waived again, even with the same verdict.
 */
export const isStale = (inputs: GateInputs, gate: Gate, round: Round): boolean => {
  const result = resultOf(round, gate.asks);
  if (result.says === 'changes-requested') {
    const { at, data } = result.by.event;
    return eventsBehind(inputs, gate) > (data.seen ?? eventsBehind(inputs, gate, at));
  }
  return !isAfterT0(inputs.context, inputs.gates) && reportOf(inputs, gate).digest !== round.report;
};

/**
 * How many events stand in the lanes of the checks that the report covers, and in those from which they are computed. Lanes only grow, so
 * the count tells what came later without comparing the clocks of two functions. `until`: only those up to this instant.
 */
export const eventsBehind = ({ checks, context, ...inputs }: GateInputs, gate: Gate, until?: string): number => {
  const own = [...checks].filter(([lane]) => gate.reports.some((id) => lane.startsWith(lanes.checksOf(id))));
  const rules = gate.reports.flatMap((id) => checksOf(context.checklist, id)).flatMap(({ rule }) => rule ?? []);
  const read = (['observation', 'deployment', 'measurement'] as const).filter((lane) => lanesReadBy(rules).has(lane));
  const events = [...own.map(([, lane]) => lane), ...read.map((lane) => inputs[lane])].flat();
  return until === undefined ? events.length : events.filter(({ event }) => event.at <= until).length;
};
