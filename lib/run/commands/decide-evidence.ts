import { lanes } from '../../audit/lane.ts';
import { decidersOf, type Given, givenIn } from '../../evaluation/standing-evidence.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf } from '../state/run-context.ts';
import { needsRole, staleSignIn } from './authorize.ts';
import { confirmSchema } from './inputs.ts';
import { environmentsOf, type ServiceDependencies, type ServiceReading, type ServiceStep, serviceCommand } from './service-command.ts';

type Decision = {
  readonly service: string;
  /** Id of the event of the evidence. */
  readonly event: string;
  readonly decision: 'confirmed' | 'rejected';
  readonly reason?: string | undefined;
};
export type EvidenceDecided = {
  readonly event: string;
  readonly evidence: string;
  readonly decision: Decision['decision'];
  readonly alreadyRecorded: boolean;
};
type Refused = { readonly refused: Refusal };

/** A second person says whether evidence that a person gave counts from now on. The first decision counts. */
export const decideEvidence = serviceCommand({
  id: 'decideEvidence',
  input: confirmSchema,
  callers: ['person'],
  action: ({ decision }: Decision) => `evidence ${decision}`,
  decide: async (
    deps: ServiceDependencies,
    { scope, lane, now }: ServiceReading,
    input: Decision,
    caller: PersonCaller,
  ): Promise<Outcome<ServiceStep<'standing.decided', EvidenceDecided>> | Refused> => {
    const given = givenIn(lane).find(({ stored }) => stored.event.id === input.event);
    if (given === undefined) return unknownEvidence(input);
    const roles = decidersOf(deps.definitions.current().checklist, given);
    const no = mayDecide(given, caller) ?? needsRole(caller, roles, 'this evidence') ?? staleSignIn(caller, now);
    if (no !== undefined) return no;
    const role = roles.find((one) => caller.roles.includes(one)) ?? '';
    const reason = input.reason === undefined ? null : await deps.people.keep(scope, input.reason);
    const { stored, environment } = given;
    return ok({
      draft: {
        scope,
        lane: lanes.standing,
        // One step for both decisions and everybody: Who comes second finds what the first one said.
        step: `decided/${stored.event.id}`,
        type: 'standing.decided',
        actor: actorOf(caller),
        data: {
          decision: input.decision,
          evidence: stored.event.id,
          seq: stored.event.seq,
          hash: stored.hash,
          by: caller.id,
          role,
          reason,
        },
      },
      environments:
        input.decision === 'confirmed' ? environmentsOf(deps, { service: input.service, environment: environment ?? undefined }) : [],
      answer: ({ stored: { event }, adopted }) => {
        const said = event.data.decision;
        if (adopted && (event.data.by !== caller.id || said !== input.decision)) return decidedBefore(event.data.by, said);
        return ok({ event: event.id, evidence: stored.event.id, decision: said, alreadyRecorded: adopted });
      },
    });
  },
});

export const unknownEvidence = ({ event, service }: Pick<Decision, 'event' | 'service'>): Refused =>
  refuse('evidence-unknown', 'Nothing that was given for the service has this id, or it is too old to count.', {
    got: event,
    expected: 'the id of evidence that `holdpoint standing` lists',
    fix: `List it with \`holdpoint standing ${service}\`.`,
  });

const mayDecide = ({ by, decided }: Given, caller: PersonCaller): Refused | undefined => {
  if (by === null)
    return refuse('evidence-decided', 'A CI job sent this evidence, and it counts without a second person.', {
      got: 'a decision',
      expected: 'evidence that a person gave',
      fix: 'Send a newer report where this one is wrong.',
    });
  if (by === caller.id)
    return refuse('evidence-own', 'You gave this evidence yourself.', {
      got: caller.id,
      expected: 'a second person',
      fix: 'Ask another holder of the role, or somebody who signs releases.',
    });
  return decided !== null && decided.event.data.by !== caller.id
    ? decidedBefore(decided.event.data.by, decided.event.data.decision)
    : undefined;
};

const decidedBefore = (by: string, said: string): Refused =>
  refuse('evidence-decided', 'This evidence was decided about before; the first decision counts.', {
    got: 'another decision',
    expected: `${said} by ${by}`,
    fix: 'Give newer evidence where the decision was wrong.',
  });
