import { isType, type Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical-json.ts';
import type { JobAnswer } from '../../ports.ts';
import { counted } from '../../wording.ts';
import { unsatisfiedFindings } from '../state/current-findings.ts';
import { currentEntryOf, type Entry, type Gates } from '../state/gate-entries.ts';
import { type GateInputs, hasPassed, readGates } from '../state/gate-inputs.ts';
import { ofType, type RunContext, readContext } from '../state/run-context.ts';
import type { Wait } from './decide.ts';
import { headOf } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';
import { type Sent, sendOnce } from './send-once.ts';

type Rule = Reconciliation['stage']['protectionRules'][string][number];
type Job = Stored<'job.waiting'>;
/** `key` names the answer among those to one job. */
type Answer = Pick<JobAnswer, 'state' | 'comment'> & {
  readonly key: string;
  /** The gates as they were read for an approval. */
  readonly on?: Gates;
};
type Waiting = { readonly rule: Rule; readonly job: Job };

/** Of one run. GitHub takes ten on a job, and several runs may be about it one after the other. */
const mostComments = 5;
/** GitHub lets a job wait for 30 days at most. Milliseconds. */
const waitsMs = 31 * 86_400_000;
const namedChecks = 5;

/**
 * Answers the jobs that wait for a gate of this run: approved while the gate's pass holds and nothing blocks the run, otherwise a comment that says
 * what is missing. A job is bound to the run by the commit, because the code host cannot know the run; where two open runs are about the
 * commit, neither approves it.
 */
export const answerJobs = async (deps: Reconciliation, inputs: GateInputs, entry: Entry, decision: Wait): Promise<void> => {
  const { context } = inputs;
  // A drill walks the way back alone, and passes no gate for which a job waits.
  if (context.started.event.data.drill !== undefined) return;
  await answerAll(deps, context, { scope: context.scope }, (others) => ({ rule }) => {
    if (others.length > 0) return ambiguous(deps, context, others);
    return !decision.blocked && holds(context, inputs.gates, entry, rule)
      ? approval(deps, context, rule, inputs.gates)
      : waitsOn(deps, inputs, { entry, rule, blocked: decision.blocked });
  });
};

/** The run has ended: its jobs are rejected, and one that came later waits for a new run. Where another run of the commit is open, that one answers. */
export const answerJobsAtEnd = async (deps: Reconciliation, run: string): Promise<void> => {
  if (deps.protectionRules === null) return;
  const found = await readContext(deps, run);
  const ended = found.ok?.ended?.event;
  if (found.ok === undefined || ended === undefined || found.ok.started.event.data.drill !== undefined) return;
  const context = found.ok;
  const { outcome } = ended.data;
  await answerAll(deps, context, { scope: scopes.late(run) }, (others) => ({ rule, job }) => {
    if (others.length > 0) return undefined;
    const next = 'Start another run of this commit.';
    if (job.event.at <= ended.at) {
      const comment = said(deps, context, `has ended (${outcome}), so nothing is approved for ${rule.environment} any more. ${next}`);
      return { key: 'rejected', state: 'rejected', comment };
    }
    const comment = said(deps, context, `has ended (${outcome}). ${next} This job goes on when its gate ${rule.gate} has passed.`);
    return { key: 'no-run', state: null, comment };
  });
};

type Judge = (others: readonly string[]) => (waiting: Waiting) => Answer | undefined;

const answerAll = async (deps: Reconciliation, context: RunContext, place: { readonly scope: string }, judge: Judge): Promise<void> => {
  const waiting = await waitingJobs(deps, context);
  if (waiting.length === 0) return;
  let lane = await deps.trail.read(place.scope, { lane: lanes.notice });
  // Behind the end of a run, what it had answered stands in the run's own lane.
  const before = place.scope === context.scope ? [] : await deps.trail.read(context.scope, { lane: lanes.notice });
  const open = waiting.filter((one) => !isAnswered([...before, ...lane], one));
  if (open.length === 0) return;
  const { service, environment, commit } = context.started.event.data;
  const runs = await deps.index.open(service, environment);
  const others = runs.filter((one) => one.run !== context.run && one.commit === commit).map(({ run }) => run);
  // What kept another run from answering may have been this one.
  if (context.ended !== undefined) for (const run of others) await deps.reconciler.request(run);
  const answerTo = judge(others);
  for (const one of open) {
    const answer = answerTo(one);
    if (answer === undefined || (answer.state === null && commentsTo(lane, one) >= mostComments)) continue;
    const sent = await send(deps, { context, scope: place.scope, lane }, one, answer);
    lane = sent.lane;
    // A code host that takes no answer now is not asked to take others: each would cost its time limit.
    if (sent.failed) return;
  }
};

/** Those of the commit for which a rule of the environment still stands in the stage file. */
const waitingJobs = async (deps: Reconciliation, context: RunContext): Promise<readonly Waiting[]> => {
  const { service, environment, commit } = context.started.event.data;
  const rules = (deps.stage.protectionRules[service] ?? []).filter((rule) => rule.environment === environment);
  if (deps.protectionRules === null || rules.length === 0) return [];
  const since = new Date(deps.clock.now().getTime() - waitsMs).toISOString();
  const jobs = await deps.trail.read(scopes.environment(service, environment), { lane: lanes.jobs(commit) });
  return jobs.filter(isType('job.waiting')).flatMap((job) => {
    const rule = rules.find(({ id }) => id === job.event.data.rule);
    return rule === undefined || job.event.at < since ? [] : [{ rule, job }];
  });
};

const noticeOf = ({ rule, job: { event } }: Waiting): string => `rule/${rule.id}/${event.data.pipeline}/${event.data.deployment}`;

const finals = ['approved', 'rejected', 'other-commit', 'over'];
const noticesTo = (lane: readonly Stored[], waiting: Waiting): readonly string[] =>
  ofType(lane, 'notice.sent')
    .map(({ event }) => event.data.notice)
    .filter((notice) => notice.startsWith(`${noticeOf(waiting)}/`));
const isAnswered = (lane: readonly Stored[], waiting: Waiting): boolean =>
  finals.some((key) => noticesTo(lane, waiting).includes(`${noticeOf(waiting)}/${key}`));
const commentsTo = (lane: readonly Stored[], waiting: Waiting): number => noticesTo(lane, waiting).length;

type Place = Parameters<typeof sendOnce>[1];

const send = async (deps: Reconciliation, place: Place, waiting: Waiting, { key, state, comment, on }: Answer): Promise<Sent> => {
  const { rule, job } = waiting;
  const { service, commit } = place.context.started.event.data;
  const { pipeline } = job.event.data;
  const notice = noticeOf(waiting);
  return sendOnce(deps, place, {
    notice: `${notice}/${key}`,
    to: `rule/${rule.id}`,
    send: async () => {
      // Read again behind the claim: whatever took a pass back meanwhile stands in the lanes of the gates.
      if (on !== undefined && regressions(await readGates(deps, place.context)) !== regressions(on)) return undefined;
      const taken = await deps.protectionRules?.answer(rule.id, { service, pipeline, commit, state, comment });
      return taken === undefined ? undefined : `${notice}/${taken === 'taken' ? key : taken}`;
    },
  });
};

const regressions = ({ entries }: Gates): number =>
  entries.flatMap((entry) => entry.settlements.flatMap((settlement) => settlement.regressions)).length;

/**
 * The gate has passed and the run is at a later one: neither returned, nor at an incident, nor on its way back. A check that regressed behind the
 * gate blocks the open one until it is satisfied again.
 */
const holds = ({ checklist: { gates: order } }: RunContext, gates: Gates, open: Entry, rule: Rule): boolean => {
  const place = (id: string): number => order.findIndex((gate) => gate.id === id);
  const entry = currentEntryOf(gates, rule.gate);
  return place(open.gate) > place(rule.gate) && entry !== undefined && hasPassed(gates, entry);
};

const said = (deps: Reconciliation, context: RunContext, what: string): string =>
  `Holdpoint run ${context.run} ${what} ${headOf(deps, context).url}`;

const approval = (deps: Reconciliation, context: RunContext, { gate }: Rule, on: Gates): Answer => ({
  key: 'approved',
  on,
  state: 'approved',
  comment: said(deps, context, `has passed the gate ${gate}.`),
});

const ambiguous = (deps: Reconciliation, context: RunContext, others: readonly string[]): Answer => ({
  key: `ambiguous/${digestOf([...others].sort()).slice(0, 16)}`,
  state: null,
  comment: said(
    deps,
    context,
    `is not the only open run of this commit (also ${others.slice(0, namedChecks).join(', ')}), so this job waits. Cancel all runs of the commit but one.`,
  ),
});

type Missing = { readonly entry: Entry; readonly rule: Rule; readonly blocked: boolean };

/** The first comment says what is open; later ones only what blocks, because a job takes ten. It names checks, and quotes no report. */
const waitsOn = (deps: Reconciliation, inputs: GateInputs, { entry, rule, blocked }: Missing): Answer => {
  const findings = unsatisfiedFindings(entry.gate, inputs);
  const failing = findings.filter(({ verdict }) => verdict !== 'missing').map(({ check }) => check);
  const open = blocked && failing.length > 0 ? failing : findings.map(({ check }) => check);
  const named = open.slice(0, namedChecks).join(', ');
  const more = open.length > namedChecks ? ` and ${open.length - namedChecks} more` : '';
  const list =
    open.length === 0 ? '' : ` ${counted(open.length, 'check')} ${open.length === 1 ? 'is' : 'are'} not satisfied there: ${named}${more}.`;
  const state = blocked ? 'is blocked' : 'waits';
  return {
    key: blocked ? `blocked/${digestOf([entry.gate, ...failing.toSorted()]).slice(0, 16)}` : 'waits',
    state: null,
    comment: said(
      deps,
      inputs.context,
      `${state} at the gate ${entry.gate}; this job goes on when the gate ${rule.gate} has passed and nothing blocks the run.${list}`,
    ),
  };
};
