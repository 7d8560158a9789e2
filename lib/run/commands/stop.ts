import { lanes } from '../../audit/lane.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { expectedEnd } from '../state/gate-entries.ts';
import { isAfterT0, readGates } from '../state/gate-inputs.ts';
import { actorOf, appendToLane, type RunContext, readContext } from '../state/run-context.ts';
import { storeRecheck } from '../writing/recheck.ts';
import { needsRole } from './attest.ts';
import { openRun, recordRefusal } from './refusals.ts';

/** What people do to a run beside its checks: take it back, call it off, resume it. */
type StopWorld = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'people' | 'reconciler' | 'due'>;
export type RunDecided = { readonly event: string; readonly known: boolean; readonly gate: string };

/** Who may declare a trigger or call a run off. */
const operating = ['operator', 'operations-lead', 'technical-lead'] as const;

const mayOperate = (caller: PersonCaller, what: string): ReturnType<typeof refuse> | undefined => {
  const own = operating.find((role) => caller.roles.includes(role));
  return own === undefined ? needsRole(caller, operating.join(' or '), what) : undefined;
};

/** Records one of the document's trigger conditions, after T0. The first one wins; the run ends as rolled back by hand. */
export const triggerRollback = async (
  deps: StopWorld,
  input: { readonly run: string; readonly trigger: string; readonly reason: string; readonly request: string },
  caller: PersonCaller,
): Promise<Outcome<RunDecided>> => {
  const found = await openRun(deps, input.run, caller, 'rollback');
  if (found.refused) return found;
  const context = found.ok;
  const gates = await readGates(deps, context);
  const triggers = context.checklist.items.filter((check) => check.kind === 'trigger').map((check) => check.id);
  const unknown = triggers.includes(input.trigger)
    ? undefined
    : refuse('check-unknown', 'The checklist has no such trigger condition.', {
        got: input.trigger,
        expected: triggers.join(', '),
        fix: 'Name one of the trigger conditions.',
      });
  const early = isAfterT0(context, gates)
    ? undefined
    : refuse('rollback-before-deployment', 'T0 has not come, so there is nothing to take back.', {
        got: 'a run before T0',
        expected: 'a run after T0',
        fix: 'Cancel the run instead.',
      });
  const no = mayOperate(caller, 'a rollback') ?? unknown ?? early;
  if (no !== undefined) return recordRefusal(deps, context, caller, 'rollback', no.refused);
  const lane = await deps.trail.read(context.scope, { lane: lanes.rollback });
  const reason = await deps.people.keep(context.run, input.reason);
  const recheck = await storeRecheck(deps, context.run, `triggered/${input.request}`);
  const { stored, adopted } = await appendToLane(deps, context.parentHash, lane, {
    scope: context.scope,
    lane: lanes.rollback,
    step: `triggered/${input.request}`,
    type: 'rollback.triggered',
    actor: actorOf(caller),
    data: { trigger: input.trigger, by: caller.id, reason, byHand: true },
  });
  const gate = gates.open?.gate ?? '';
  await deps.reconciler.request(context.run, recheck.item);
  // The last gate may have been settled between the reading and the append; its decider looks for a trigger after it, as this does for an end.
  const end = expectedEnd(await readGates(deps, context));
  if (end !== undefined && end !== 'rolled-back') {
    const { refused } = refuse('run-ended', `The run ends as ${end}; the trigger came too late for it.`, {
      got: input.trigger,
      expected: 'a run whose path is open',
      fix: 'Take the release back by hand, and start a run for what replaces it.',
    });
    return recordRefusal(deps, context, caller, 'rollback', refused);
  }
  return ok({ event: stored.event.id, known: adopted, gate });
};

/** Calls a run off. Refused once the deployment has started: then only a trigger takes the release back. */
export const cancelRun = async (
  deps: StopWorld,
  input: { readonly run: string; readonly reason: string },
  caller: PersonCaller,
): Promise<Outcome<RunDecided>> => {
  const found = await openRun(deps, input.run, caller, 'cancel');
  if (found.refused) return found;
  const context = found.ok;
  const gates = await readGates(deps, context);
  const no = mayOperate(caller, 'the end of a run') ?? afterStart(context);
  if (no !== undefined) return recordRefusal(deps, context, caller, 'cancel', no.refused);
  const reason = await deps.people.keep(context.run, input.reason);
  const recheck = await storeRecheck(deps, context.run, 'cancelled');
  const { stored, adopted } = await deps.trail.append(
    {
      scope: context.scope,
      lane: lanes.run,
      step: 'cancelled',
      type: 'run.cancelled',
      actor: actorOf(caller),
      data: { by: caller.id, reason },
    },
    { parentHash: context.parentHash },
  );
  const gate = gates.open?.gate ?? '';
  await deps.reconciler.request(context.run, recheck.item);
  // A deployment may have been admitted between the reading and the append: then it stands first, and the cancellation does not count.
  const again = await readContext(deps, context.run);
  const late = again.refused === undefined ? afterStart(again.ok) : again;
  if (late !== undefined) return recordRefusal(deps, context, caller, 'cancel', late.refused);
  return ok({ event: stored.event.id, known: adopted, gate });
};

const afterStart = (context: RunContext): { refused: Refusal } | undefined =>
  context.admitted
    ? refuse('cancel-after-deployment', 'The deployment has started: a run cannot be called off any more.', {
        got: 'a deployment that was admitted',
        expected: 'a run whose deployment has not started',
        fix: 'Declare a trigger with POST /v1/runs/{run}/rollback.',
      })
    : undefined;

/** Decides an open incident: the run resumes where it was, or ends. How often a run may be resumed is the definition's. */
export const decideIncident = async (
  deps: StopWorld,
  input: { readonly run: string; readonly decision: 'resume' | 'end'; readonly reason: string },
  caller: PersonCaller,
): Promise<Outcome<RunDecided>> => {
  const found = await openRun(deps, input.run, caller, 'incident');
  if (found.refused) return found;
  const context = found.ok;
  const gates = await readGates(deps, context);
  const entry = gates.open?.gate === 'incident' ? gates.open : undefined;
  const resumes = gates.entries.flatMap((one) => one.decisions).filter((stored) => stored.event.data.decision === 'resume').length;
  const closed =
    entry === undefined
      ? refuse('incident-not-open', 'The run does not wait at the incident gate.', {
          got: gates.open?.gate ?? 'no open gate',
          expected: 'incident',
          fix: 'Read the run.',
        })
      : undefined;
  const spent =
    input.decision === 'resume' && resumes >= context.checklist.maxResumes
      ? refuse('incident-resume-limit', `The run was resumed ${resumes} times, and the checklist allows ${context.checklist.maxResumes}.`, {
          got: `resume ${resumes + 1}`,
          expected: `${context.checklist.maxResumes} at most`,
          fix: 'End the run and start another.',
        })
      : undefined;
  const no = needsRole(caller, 'operations-lead', 'an incident') ?? closed ?? spent;
  if (no !== undefined || entry === undefined)
    return recordRefusal(deps, context, caller, 'incident', (no ?? refuse('incident-not-open', 'No incident is open.')).refused);
  const key = entry.opened.event.data.entry;
  const gate = entry.opened.event.data.interrupted ?? context.checklist.gates[0]?.id ?? '';
  const recheck = await storeRecheck(deps, context.run, `decided/${key}`);
  const { stored, adopted } = await appendToLane(deps, context.parentHash, entry.lane, {
    scope: context.scope,
    lane: lanes.gate('incident'),
    step: `${key}/decided`,
    type: 'incident.decided',
    actor: actorOf(caller),
    data: { entry: key, decision: input.decision, gate, by: caller.id, reason: await deps.people.keep(context.run, input.reason) },
  });
  await deps.reconciler.request(context.run, recheck.item);
  const said = stored.event.data;
  if (said.decision !== input.decision) {
    const { refused } = refuse('incident-not-open', 'The incident is decided already.', {
      got: input.decision,
      expected: `${said.decision} by ${said.by} at ${stored.event.at}`,
      fix: 'Read the run.',
    });
    return recordRefusal(deps, context, caller, 'incident', refused);
  }
  return ok({ event: stored.event.id, known: adopted, gate });
};
