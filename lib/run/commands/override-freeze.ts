import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Freeze, freezesIn } from '../../checklist/freezes.ts';
import { ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { type Role, signerRoles } from '../../roles.ts';
import type { PersonCaller } from '../state/caller.ts';
import { readGates } from '../state/gate-inputs.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import { needsRole, notStarter, staleSignIn, stillHeld } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { freezeOverrideSchema } from './inputs.ts';
import { afterT0 } from './reschedule-run.ts';
import type { DecideRunDependencies } from './trigger-rollback.ts';

type Override = { readonly run: string; readonly freeze: string; readonly reason: string };
type Request = Stored<'freeze.override-requested'>;

/**
 * Lets one run pass one freeze. It takes an operations lead and a technical lead or product owner, two people who did not start the run:
 * the first call is recorded as a request, that of the second person approves it. Both give their reason.
 */
export const overrideFreeze = runCommand({
  id: 'overrideFreeze',
  input: freezeOverrideSchema,
  callers: ['person'],
  action: () => 'freeze-override',
  decide: async (deps: DecideRunDependencies & Pick<Dependencies, 'stage' | 'roster'>, context, input: Override, caller: PersonCaller) => {
    const no =
      needsRole(caller, signerRoles, 'a freeze') ??
      notStarter(context, caller, 'override a freeze for it') ??
      unknownFreeze(deps, context, input.freeze) ??
      afterT0(context, await readGates(deps, context)) ??
      staleSignIn(caller, deps.clock.now());
    if (no !== undefined) return no;
    const reason = await deps.people.keep(context.run, input.reason);
    const about = { freeze: input.freeze, by: caller.id, roles: signing(caller.roles), reason };
    const place = { scope: context.scope, lane: lanes.run, actor: actorOf(caller) } as const;
    const step = `freeze/${input.freeze}`;
    const request = requestFor(deps, context, input.freeze, caller);
    if (request === undefined)
      return append({
        draft: { ...place, step: `${step}/requested/${caller.id}`, type: 'freeze.override-requested', data: about },
        lane: 'unread',
        followUp: noFollowUp,
        answer: ({ stored, adopted }) => answerOf(stored, adopted, 'requested'),
      });
    return append({
      draft: { ...place, step: `${step}/approved`, type: 'freeze.override-approved', data: { ...about, request: request.event.id } },
      lane: 'unread',
      followUp: noFollowUp,
      // As with the planned T0: its decider reads the run's lane again, this reads the settlement.
      answer: async ({ stored, adopted }) => afterT0(context, await readGates(deps, context)) ?? answerOf(stored, adopted, 'approved'),
    });
  },
});

const answerOf = (
  { event: { id, data } }: Stored<'freeze.override-requested'> | Stored<'freeze.override-approved'>,
  alreadyRecorded: boolean,
  state: 'requested' | 'approved',
) => ok({ event: id, alreadyRecorded, freeze: data.freeze, state });

const signing = (roles: readonly Role[]): Role[] => signerRoles.filter((role) => roles.includes(role));

/**
 * The request that this person can approve: the approved one, which is adopted, or the first of another person whose role goes with theirs. What
 * somebody asked for in a role that they no longer hold is not approved.
 */
const requestFor = (
  { roster }: Pick<Dependencies, 'roster'>,
  { own, overridden }: RunContext,
  freeze: string,
  caller: PersonCaller,
): Request | undefined => {
  const requests = own.filter(isType('freeze.override-requested')).filter(({ event }) => event.data.freeze === freeze);
  const approved = overridden.find(({ event }) => event.data.freeze === freeze)?.event.data.request;
  return (
    requests.find(({ event }) => event.id === approved) ??
    requests.find(({ event: { data } }) => data.by !== caller.id && isPair(stillHeld(roster, data), signing(caller.roles)))
  );
};

/** One of the two is an operations lead, and the other holds another role that signs. */
const isPair = (one: readonly Role[], other: readonly Role[]): boolean =>
  [
    [one, other],
    [other, one],
  ].some(([lead = [], second = []]) => lead.includes('operations-lead') && second.some((role) => role !== 'operations-lead'));

const unknownFreeze = (
  { stage }: Pick<Dependencies, 'stage'>,
  { started }: RunContext,
  name: string,
): { readonly refused: Refusal } | undefined => {
  const { service, environment } = started.event.data;
  const freezes: readonly Freeze[] = freezesIn(stage.freezes[service] ?? [], environment);
  return freezes.some((freeze) => freeze.name === name)
    ? undefined
    : refuse('freeze-unknown', `The stage has no such freeze of ${service} in ${environment}.`, {
        got: name.slice(0, 60),
        expected: freezes.map((freeze) => freeze.name).join(' or ') || 'a freeze, and the stage has none here',
        fix: 'Name the freeze as the run shows it.',
      });
};
