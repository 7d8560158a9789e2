import type { Stored } from '../../audit/event.ts';
import { isType } from '../../audit/event.ts';
import { excerpt } from '../../canonical.ts';
import { gateOf, type Line, lineOf, linesOf } from '../../checklist/definition.ts';
import { type ComputedRule, isEvidenceRule } from '../../checklist/rule.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { type Judgement, releases } from '../../evaluation/verdict.ts';
import { currentRound, foldRounds, signerOf } from './approval-rounds.ts';
import { findingOf } from './findings.ts';
import { ofType, scaledMs } from './run-context.ts';
import { finishedAt, firstFinishedAt, type Reading, stableSince } from './gate-inputs.ts';

/** Judges a line from the run's own lanes; undefined while there is nothing to say yet. */
export const judgeComputed = (rule: ComputedRule, line: Line, reading: Reading): Judgement | undefined => {
  switch (rule.kind) {
    case 'deployed/1':
      return judgeDeployed(reading);
    case 'notice-sent/1':
      return judgeNotice(rule.notice, reading);
    case 'lines-release/1':
      return judgeLines(rule.lines, reading);
    case 'no-open-observations/1':
      return judgeObservations(rule.kinds, line, reading);
    case 'alarms-labelled/1':
      return judgeAlarms(rule.maxFalse, line, reading);
    case 'signed/1':
      return judgeSigned(rule.role, line, reading);
  }
};

/**
 * A line with its computed judgement made anew from the lanes that were just read: the stored one may be older than an observation, an
 * answer or a deployment that has arrived since. A signature is given at its own gate only and stays given.
 */
export const liveFinding = (line: Line, reading: Reading): Finding => {
  const finding = findingOf(line, reading);
  if (line.rule === null || isEvidenceRule(line.rule) || finding.verdict !== 'pass') return finding;
  if (line.rule.kind === 'signed/1' && reading.gates.open?.gate !== line.gate) return finding;
  const now = judgeComputed(line.rule, line, reading);
  return now?.verdict === 'pass'
    ? finding
    : { ...finding, verdict: now?.verdict ?? 'missing', reason: now?.reason ?? 'what it was computed from has changed' };
};

export const liveFindings = (gate: string, reading: Reading): Finding[] =>
  linesOf(reading.head.checklist, gate).map((line) => liveFinding(line, reading));

const judgeDeployed = (reading: Reading): Judgement | undefined => {
  const { artifacts } = reading.head.started.event.data;
  const last = artifacts.map((artifact) => ({
    artifact,
    report: reading.deployment.findLast((stored) => isReport(stored) && stored.event.data.component === artifact.component),
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

const judgeNotice = (notice: string, reading: Reading): Judgement | undefined => {
  const sent = ofType(reading.notice, 'notice.sent').filter((stored) => stored.event.data.notice === notice);
  const people = new Set(sent.flatMap((stored) => stored.event.data.people));
  return people.size === 0
    ? undefined
    : { verdict: 'pass', reason: `the mail system accepted the notice to ${people.size} ${people.size === 1 ? 'person' : 'people'}` };
};

const judgeLines = (ids: readonly string[], reading: Reading): Judgement | undefined => {
  const found = ids.map((id) => {
    const line = lineOf(reading.head.checklist, id);
    return { id, finding: line === undefined ? undefined : liveFinding(line, reading) };
  });
  const open = found.filter(({ finding }) => finding === undefined || !releases(finding.verdict));
  if (open.length === 0)
    return { verdict: 'pass', reason: excerpt(`${ids.length} of ${ids.length} lines above release: ${ids.join(', ')}`, 300) };
  const failing = open.find(({ finding }) => finding?.verdict === 'fail');
  return failing === undefined
    ? undefined
    : { verdict: 'fail', reason: excerpt(`the line ${failing.id} above fails: ${failing.finding?.reason ?? ''}`, 300) };
};

/** End of the window of the line's gate, in milliseconds since 1970; undefined before its anchor is known. */
const windowEnd = (line: Line, reading: Reading): number | undefined => {
  const window = line.gate === null ? null : (gateOf(reading.head.checklist, line.gate)?.window ?? null);
  const anchor = window?.anchor === 'stable-since' ? stableSince(reading) : finishedAt(reading);
  return anchor === undefined ? undefined : Date.parse(anchor) + scaledMs(window?.seconds ?? 0, reading.head.started.event.data.waitScale);
};

type Observed = {
  readonly observation: string;
  readonly kind: string;
  readonly bad: boolean;
  readonly subject: string;
  readonly label: string | undefined;
};

/** Observations since the deployment first finished, with their last label: deploying once more explains nothing that was seen. */
const observedSince = (reading: Reading): Observed[] => {
  const since = firstFinishedAt(reading) ?? reading.now.toISOString();
  const labels = new Map(
    reading.observation.filter(isType('observation.labelled')).map((stored) => [stored.event.data.observation, stored.event.data.label]),
  );
  return ofType(reading.observation, 'observation.recorded')
    .filter(({ event }) => event.data.observedAt >= since)
    .map(({ event: { data } }) => ({
      observation: data.observation,
      kind: data.kind,
      bad: data.bad,
      subject: data.subject,
      label: labels.get(data.observation),
    }));
};

const judgeObservations = (kinds: readonly string[], line: Line, reading: Reading): Judgement | undefined => {
  const seen = observedSince(reading);
  const concerned = seen.filter((one) => one.bad && kinds.includes(one.kind));
  const open = concerned.find((one) => one.label === undefined);
  if (open !== undefined)
    return {
      verdict: 'fail',
      reason: excerpt(`open observation ${open.observation} (${open.kind}) of ${open.subject}: label or explain it`, 300),
    };
  const end = windowEnd(line, reading);
  if (end === undefined || reading.now.getTime() < end) return undefined;
  return (
    silent(seen) ?? {
      verdict: 'pass',
      reason: `${seen.length} observations in the window, ${concerned.length} bad of ${kinds.join(', ')}, none open`,
    }
  );
};

const judgeAlarms = (maxFalse: number, line: Line, reading: Reading): Judgement | undefined => {
  const seen = observedSince(reading);
  const alarms = seen.filter((one) => one.kind === 'alarm' && one.bad);
  const open = alarms.find((one) => one.label === undefined);
  if (open !== undefined) return { verdict: 'fail', reason: excerpt(`alarm ${open.subject} is not labelled true or false yet`, 300) };
  const wrong = alarms.filter((one) => one.label === 'false');
  if (wrong.length > maxFalse)
    return { verdict: 'fail', reason: `${wrong.length} of ${alarms.length} alarms labelled false, at most ${maxFalse} expected` };
  const end = windowEnd(line, reading);
  if (end === undefined || reading.now.getTime() < end) return undefined;
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

const judgeSigned = (role: string, line: Line, reading: Reading): Judgement | undefined => {
  const entry = reading.gates.open;
  if (entry === undefined || entry.gate !== line.gate) return undefined;
  const round = currentRound(foldRounds(reading.approval, entry.opened.event.data.entry));
  const answer = round === undefined || round.voided !== undefined ? undefined : signerOf(round, role);
  return answer === undefined
    ? undefined
    : { verdict: 'pass', reason: `approved by ${answer.event.data.person} on report ${answer.event.data.report.slice(0, 12)}` };
};
