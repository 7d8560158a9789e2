import { lanes } from '../../audit/lane.ts';
import { itemOf } from '../../checklist/definition.ts';
import { confirmersOf, type Given, givenIn, type StandingCheck, standingChecks, takesFrom } from '../../evaluation/standing-evidence.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import { attestingRole } from '../../rules/attested.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf } from '../state/run-context.ts';
import { needsRole } from './authorize.ts';
import { standingAttestSchema } from './inputs.ts';
import { keepAttestation, type Statement } from './keep-attestation.ts';
import { type ServiceDependencies, type ServiceReading, type ServiceStep, serviceCommand } from './service-command.ts';

type Attestation = Statement & {
  readonly service: string;
  readonly check: string;
  readonly environment?: string | undefined;
  readonly request: string;
};
export type AttestationGiven = {
  readonly event: string;
  readonly check: string;
  readonly state: Given['state'];
  readonly confirmedBy: readonly string[];
  readonly alreadyRecorded: boolean;
};
type Refused = { readonly refused: Refusal };

/**
 * A person of the check's role says once for the service why a check holds: that a team is trained, for instance. It counts in every run when a
 * second person has confirmed it, until it is too old.
 */
export const attestForService = serviceCommand({
  id: 'attestForService',
  input: standingAttestSchema,
  callers: ['person'],
  action: () => 'attestation for the service',
  decide: async (
    deps: ServiceDependencies,
    { scope }: ServiceReading,
    input: Attestation,
    caller: PersonCaller,
  ): Promise<Outcome<ServiceStep<'evidence.recorded', AttestationGiven>> | Refused> => {
    const found = attestedCheck(deps, input);
    if (found.refused) return found;
    const { check, role } = found.ok;
    const no = needsRole(caller, [role], `the check ${check.id}`);
    if (no !== undefined) return no;
    const { service } = input;
    const kept = await keepAttestation(deps, { ...input, about: scope, scope, bearer: { service }, check, role }, caller);
    if (kept.refused) return kept;
    return ok({
      draft: {
        scope,
        lane: lanes.standing,
        step: `said/${check.id}/${input.request}`,
        type: 'evidence.recorded',
        actor: actorOf(caller),
        data: { ...kept.ok.data, standing: { environment: input.environment ?? null, by: caller.id } },
      },
      environments: [],
      answer: async ({ stored, adopted }) => {
        const [given] = adopted ? givenIn(await deps.trail.read(scope, { lane: lanes.standing, fromSeq: stored.event.seq })) : [];
        const state = given?.state ?? 'waits';
        const confirmedBy = state === 'waits' ? confirmersOf([check]) : [];
        return ok({ event: stored.event.id, check: check.id, state, confirmedBy, alreadyRecorded: adopted });
      },
    });
  },
});

type Attested = { readonly check: StandingCheck; readonly role: NonNullable<ReturnType<typeof attestingRole>> };

const attestedCheck = ({ definitions }: Pick<ServiceDependencies, 'definitions'>, input: Attestation): Outcome<Attested> | Refused => {
  const { checklist } = definitions.current();
  const item = itemOf(checklist, input.check);
  if (item === undefined || item.gate === null)
    return refuse('check-unknown', 'The current checklist has no such check.', {
      got: input.check.slice(0, 80),
      expected: 'the id of a check that `holdpoint checklist` lists under a gate',
      fix: 'List the checks with `holdpoint checklist`.',
    });
  const role = attestingRole(item.rule);
  if (role === undefined)
    return refuse('check-proved-otherwise', `An attestation cannot prove the check ${item.id}.`, {
      got: 'an attestation',
      expected: item.proof,
      fix: 'Send the evidence that the check asks for.',
    });
  const check = standingChecks(checklist).find(({ id }) => id === item.id);
  if (check === undefined)
    return refuse('evidence-not-standing', `The check ${item.id} is about each release, so that it is attested for each run.`, {
      got: 'an attestation for the service',
      expected: 'an attestation for a run',
      fix: `POST /v1/runs/{run}/checks/${item.id}/attestations, or holdpoint attest RUN ${item.id}.`,
    });
  if (takesFrom(check, input.environment ?? null, null)) return ok({ check, role });
  return refuse(
    'evidence-not-standing',
    `The check ${item.id} is about ${check.scope === 'environment' ? 'one environment' : 'the service as a whole'}.`,
    {
      got: input.environment ?? 'no environment',
      expected: check.scope === 'environment' ? 'an environment' : 'no environment',
      fix: check.scope === 'environment' ? 'Name the environment that you speak of.' : 'Leave the environment out.',
    },
  );
};
