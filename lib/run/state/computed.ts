import type { Stored } from '../../audit/event.ts';
import { isType } from '../../audit/event.ts';
import { excerpt } from '../../canonical.ts';
import { checksOf, gateOf, type Item, itemOf } from '../../checklist/definition.ts';
import { type ComputedRule, isEvidenceRule } from '../../checklist/rule.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { type Judgement, satisfies } from '../../evaluation/verdict.ts';
import { currentRound, foldRounds, signerOf } from './approval-rounds.ts';
import { findingOf } from './findings.ts';
import { foldOnce } from './fold-once.ts';
import { finishedAt, firstFinishedAt, type GateInputs, stableSince } from './gate-inputs.ts';
import { ofType, scaledMs } from './run-context.ts';

/** Judges a check from the run's own lanes; undefined while there is nothing to say yet. */
export const judgeComputed = (rule: ComputedRule, check: Item, inputs: GateInputs): Judgement | undefined => {
  switch (rule.kind) {
    case 'deployed/1':
      return judgeDeployed(inputs);
    case 'notice-sent/1':
      return judgeNotice(rule.notice, inputs);
    case 'checks-satisfied/1':
      return judgeLines(rule.checks, inputs);
    case 'no-open-observations/1':
      return judgeObservations(rule.kinds, check, inputs);
    case 'alarms-labelled/1':
      return judgeAlarms(rule.maxFalse, check, inputs);
    case 'signed/1':
      return judgeSigned(rule.role, check, inputs);
  }
};

/**
 * A check with its computed judgement made anew from the lanes that were just read: the stored one may be older than an observation, an
 * answer or a deployment that has arrived since. A signature is given at its own gate only and stays given.
 */
export const currentFinding = (check: Item, inputs: GateInputs): Finding =>
  currentOnce(inputs, check.id, [], () => judgeAnew(check, inputs));

const currentOnce = foldOnce<Finding>();

const judgeAnew = (check: Item, inputs: GateInputs): Finding => {
  const finding = findingOf(check, inputs);
  if (check.rule === null || isEvidenceRule(check.rule) || finding.verdict !== 'pass') return finding;
  if (check.rule.kind === 'signed/1' && inputs.gates.open?.gate !== check.gate) return finding;
  const now = judgeComputed(check.rule, check, inputs);
  return now?.verdict === 'pass'
    ? finding
    : { ...finding, verdict: now?.verdict ?? 'missing', reason: now?.reason ?? 'what it was computed from has changed' };
};

export const currentFindings = (gate: string, inputs: GateInputs): Finding[] =>
  checksOf(inputs.context.checklist, gate).map((check) => currentFinding(check, inputs));

const judgeDeployed = (inputs: GateInputs): Judgement | undefined => {
  const { artifacts } = inputs.context.started.event.data;
  const last = artifacts.map((artifact) => ({
    artifact,
    report: inputs.deployment.findLast((stored) => isReport(stored) && stored.event.data.component === artifact.component),
  }));
  const failed = last.find(({ report }) => report?.event.type === 'deployment.failed');
  if (failed !== undefined) return { verdict: 'fail', reason: `the deployment of ${failed.artifact.component} was reported as failed` };
  if (last.some(({ report }) => report?.event.type !== 'deployment.finished')) return undefined;
  return {
    verdict: 'pass',
    reason: excerpt(
      `${artifacts.length} of ${artifacts.length} components deployed; the digests read back are the run's: ${artifacts.map((artifact) => `${artifact.component} ${artifact.digest.slice(7, 19)}`).join(', ')}`,
      300,
    ),
  };
};

const isReport = (stored: Stored): stored is Stored<'deployment.started' | 'deployment.finished' | 'deployment.failed'> =>
  stored.event.type.startsWith('deployment.');

const judgeNotice = (notice: string, inputs: GateInputs): Judgement | undefined => {
  const sent = ofType(inputs.notice, 'notice.sent').filter((stored) => stored.event.data.notice === notice);
  const people = new Set(sent.flatMap((stored) => stored.event.data.people));
  return people.size === 0
    ? undefined
    : { verdict: 'pass', reason: `the mail system accepted the notice to ${people.size} ${people.size === 1 ? 'person' : 'people'}` };
};

const judgeLines = (ids: readonly string[], inputs: GateInputs): Judgement | undefined => {
  const found = ids.map((id) => {
    const check = itemOf(inputs.context.checklist, id);
    return { id, finding: check === undefined ? undefined : currentFinding(check, inputs) };
  });
  const open = found.filter(({ finding }) => finding === undefined || !satisfies(finding.verdict));
  if (open.length === 0)
    return { verdict: 'pass', reason: excerpt(`${ids.length} of ${ids.length} checks above release: ${ids.join(', ')}`, 300) };
  const failing = open.find(({ finding }) => finding?.verdict === 'fail');
  return failing === undefined
    ? undefined
    : { verdict: 'fail', reason: excerpt(`the check ${failing.id} above fails: ${failing.finding?.reason ?? ''}`, 300) };
};

/** End of the window of the check's gate, in milliseconds since 1970; undefined before its anchor is known. */
const windowEnd = (check: Item, inputs: GateInputs): number | undefined => {
  const window = check.gate === null ? null : (gateOf(inputs.context.checklist, check.gate)?.window ?? null);
  const anchor = window?.anchor === 'stable-since' ? stableSince(inputs) : finishedAt(inputs);
  return anchor === undefined
    ? undefined
    : Date.parse(anchor) + scaledMs(window?.seconds ?? 0, inputs.context.started.event.data.waitScale);
};

type Observed = {
  readonly observation: string;
  readonly kind: string;
  readonly bad: boolean;
  readonly subject: string;
  readonly label: string | undefined;
};

/** Observations since the deployment first finished, with their last label: deploying once more explains nothing that was seen. */
const observedSince = (inputs: GateInputs): Observed[] => {
  const since = firstFinishedAt(inputs) ?? inputs.now.toISOString();
  const labels = new Map(
    inputs.observation.filter(isType('observation.labelled')).map((stored) => [stored.event.data.observation, stored.event.data.label]),
  );
  return ofType(inputs.observation, 'observation.recorded')
    .filter(({ event }) => event.data.observedAt >= since)
    .map(({ event: { data } }) => ({
      observation: data.observation,
      kind: data.kind,
      bad: data.bad,
      subject: data.subject,
      label: labels.get(data.observation),
    }));
};

const judgeObservations = (kinds: readonly string[], check: Item, inputs: GateInputs): Judgement | undefined => {
  const seen = observedSince(inputs);
  const concerned = seen.filter((one) => one.bad && kinds.includes(one.kind));
  const open = concerned.find((one) => one.label === undefined);
  if (open !== undefined)
    return {
      verdict: 'fail',
      reason: excerpt(`open observation ${open.observation} (${open.kind}) of ${open.subject}: label or explain it`, 300),
    };
  const end = windowEnd(check, inputs);
  if (end === undefined || inputs.now.getTime() < end) return undefined;
  return (
    silent(seen) ?? {
      verdict: 'pass',
      reason: `${seen.length} observations in the window, ${concerned.length} bad of ${kinds.join(', ')}, none open`,
    }
  );
};

const judgeAlarms = (maxFalse: number, check: Item, inputs: GateInputs): Judgement | undefined => {
  const seen = observedSince(inputs);
  const alarms = seen.filter((one) => one.kind === 'alarm' && one.bad);
  const open = alarms.find((one) => one.label === undefined);
  if (open !== undefined) return { verdict: 'fail', reason: excerpt(`alarm ${open.subject} is not labelled true or false yet`, 300) };
  const wrong = alarms.filter((one) => one.label === 'false');
  if (wrong.length > maxFalse)
    return { verdict: 'fail', reason: `${wrong.length} of ${alarms.length} alarms labelled false, at most ${maxFalse} expected` };
  const end = windowEnd(check, inputs);
  if (end === undefined || inputs.now.getTime() < end) return undefined;
  return silent(seen) ?? { verdict: 'pass', reason: `${alarms.length} alarms in the window, every one labelled, ${wrong.length} false` };
};

/** A feed from which nothing came may be broken: silence proves nothing. */
const silent = (seen: readonly Observed[]): Judgement | undefined =>
  seen.length > 0
    ? undefined
    : {
        verdict: 'inconclusive',
        reason: 'no observation of any kind since the deployment: a silent feed proves nothing; report one, a good one too',
      };

const judgeSigned = (role: string, check: Item, inputs: GateInputs): Judgement | undefined => {
  const entry = inputs.gates.open;
  if (entry === undefined || entry.gate !== check.gate) return undefined;
  const round = currentRound(foldRounds(inputs.approval, entry.opened.event.data.entry));
  const answer = round === undefined || round.invalidated !== undefined ? undefined : signerOf(round, role);
  return answer === undefined
    ? undefined
    : { verdict: 'pass', reason: `approved by ${answer.event.data.person} on report ${answer.event.data.report.slice(0, 12)}` };
};
