import { lanes } from '../../audit/lane.ts';
import { decidersOf, type Given, givenIn } from '../../evaluation/standing-evidence.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf } from '../state/run-context.ts';
import { needsRole, staleSignIn } from './authorize.ts';
import { unknownEvidence } from './decide-evidence.ts';
import { withdrawSchema } from './inputs.ts';
import { environmentsOf, type ServiceDependencies, type ServiceReading, type ServiceStep, serviceCommand } from './service-command.ts';

type Withdrawal = {
  readonly service: string;
  /** Id of the event of the evidence. */
  readonly event: string;
  readonly reason: string;
};
export type EvidenceWithdrawn = { readonly event: string; readonly evidence: string; readonly alreadyRecorded: boolean };
type Refused = { readonly refused: Refusal };

/**
 * A person takes back evidence that counts, of a person or of a job: it turned out to be wrong, and nothing newer can take its place yet. From
 * then on it counts in no run. A check that rests on it is judged as if the evidence had grown too old, also after T0.
 */
export const withdrawEvidence = serviceCommand({
  id: 'withdrawEvidence',
  input: withdrawSchema,
  callers: ['person'],
  action: () => 'evidence withdrawn',
  decide: async (
    deps: ServiceDependencies,
    { scope, lane, now }: ServiceReading,
    input: Withdrawal,
    caller: PersonCaller,
  ): Promise<Outcome<ServiceStep<'standing.withdrawn', EvidenceWithdrawn>> | Refused> => {
    const given = givenIn(lane).find(({ stored }) => stored.event.id === input.event);
    if (given === undefined) return unknownEvidence(input);
    const roles = decidersOf(deps.definitions.current().checklist, given);
    const no = mayWithdraw(given, input, caller) ?? needsRole(caller, roles, 'this evidence') ?? staleSignIn(caller, now);
    if (no !== undefined) return no;
    const { stored, environment } = given;
    return ok({
      draft: {
        scope,
        lane: lanes.standing,
        step: `withdrawn/${stored.event.id}`,
        type: 'standing.withdrawn',
        actor: actorOf(caller),
        data: {
          evidence: stored.event.id,
          seq: stored.event.seq,
          hash: stored.hash,
          by: caller.id,
          role: roles.find((one) => caller.roles.includes(one)) ?? '',
          reason: await deps.people.keep(scope, input.reason),
        },
      },
      environments: environmentsOf(deps, { service: input.service, environment: environment ?? undefined }),
      answer: ({ stored: { event }, adopted }) =>
        event.data.by === caller.id
          ? ok({ event: event.id, evidence: stored.event.id, alreadyRecorded: adopted })
          : withdrawnBefore(event.data.by),
    });
  },
});

const mayWithdraw = ({ state, withdrawn }: Given, { service, event }: Withdrawal, caller: PersonCaller): Refused | undefined => {
  if (withdrawn !== null) return withdrawn.event.data.by === caller.id ? undefined : withdrawnBefore(withdrawn.event.data.by);
  if (state === 'counts') return undefined;
  return refuse('evidence-decided', 'This evidence counts in no run, so there is nothing to withdraw.', {
    got: state === 'waits' ? 'evidence that waits for a second person' : 'evidence that was rejected',
    expected: 'evidence that counts',
    fix:
      state === 'waits'
        ? `Reject it instead: \`holdpoint confirm ${service} ${event} --reject\`.`
        : `List what counts with \`holdpoint standing ${service}\`.`,
  });
};

const withdrawnBefore = (by: string): Refused =>
  refuse('evidence-decided', 'This evidence was withdrawn before.', {
    got: 'another withdrawal',
    expected: `withdrawn by ${by}`,
    fix: 'Give newer evidence once there is some.',
  });
