import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { gateOf, type Item } from '../../checklist/definition.ts';
import { ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { attestingRole } from '../../rules/attested.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf, leadOpensAt, type RunContext } from '../state/run-context.ts';
import { factsOf, fanOut } from '../writing/fan-out.ts';
import { readFollowed, tooEarly } from '../writing/too-early.ts';
import { checkOf, needsRole } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { attestSchema } from './inputs.ts';
import { keepAttestation, type Statement } from './keep-attestation.ts';

/** What a person's decision about one check came to. */
export type CheckRecorded = {
  readonly event: string;
  readonly check: string;
  readonly verdict: string;
  readonly reason: string;
  readonly alreadyRecorded: boolean;
};

type PersonDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'evidence' | 'people' | 'due' | 'reconciler' | 'quotas'>;
type Attestation = Statement & { readonly run: string; readonly check: string; readonly request: string };

/**
 * A person of the check's role says in their own words why it holds, and may give a file that shows it and a time until which it holds. The words
 * stay in the people's store, where they can be erased; the event carries their salted digest, and that of the file. Attesting is not signing: the run's starter may attest, and every report shows who did.
 */
export const attest = runCommand({
  id: 'attest',
  input: attestSchema,
  callers: ['person'],
  action: () => 'attestation',
  decide: async (deps: PersonDependencies, context, input: Attestation, caller: PersonCaller) => {
    const found = checkOf(context, input.check);
    if (found.refused) return found;
    const check = found.ok;
    const role = attestingRole(check.rule);
    if (role === undefined)
      return refuse('check-proved-otherwise', `An attestation cannot prove the check ${check.id}.`, {
        got: 'an attestation',
        expected: check.proof,
        fix: `Send the evidence that the check asks for${check.waivable ? ', or waive it' : ''}.`,
      });
    const now = deps.clock.now();
    const no = needsRole(caller, [role], `the check ${check.id}`) ?? (await beforeItsTime(deps, context, check, now));
    if (no !== undefined) return no;
    const kept = await keepAttestation(
      deps,
      { ...input, about: context.run, scope: context.scope, bearer: context.run, check, role },
      caller,
    );
    if (kept.refused) return kept;
    const { facts, data } = kept.ok;
    return append({
      draft: {
        scope: context.scope,
        lane: lanes.evidence('attestation', check.id),
        step: `said/${input.request}`,
        type: 'evidence.recorded',
        actor: actorOf(caller),
        data: { ...data, commit: context.started.event.data.commit },
      },
      lane: 'unread',
      followUp: async ({ stored, adopted }) =>
        // A repeated request salts its words anew, so that the facts of the first one count.
        fanOut(deps, context, { evidence: stored, facts: adopted ? await factsOf(deps, stored) : facts }),
      answer: ({ stored, adopted, more: [judged] }) => {
        const { verdict, reason } = (judged as Stored<'check.judged'>).event.data;
        return ok({ event: stored.event.id, check: check.id, verdict, reason, alreadyRecorded: adopted });
      },
    });
  },
});

/** An attestation of something that has not happened yet proves nothing, as a report would not. */
const beforeItsTime = async (
  deps: Pick<Dependencies, 'trail' | 'clock'>,
  context: RunContext,
  check: Item,
  now: Date,
): Promise<{ refused: Refusal } | undefined> => {
  const opens = leadOpensAt(context, gateOf(context.checklist, check.gate ?? ''));
  if (opens !== null && now.toISOString() < opens) {
    return refuse('evidence-time', `The check ${check.id} can be attested only shortly before T0.`, {
      got: now.toISOString(),
      expected: `an attestation after ${opens}; planned T0 is ${context.plannedT0}`,
      fix: `Attest it after ${opens}.`,
    });
  }
  const why = tooEarly(check, now.toISOString(), await readFollowed(deps, context, [check]), context);
  return why === undefined
    ? undefined
    : refuse('evidence-time', `The check ${check.id} can be attested only after ${check.after}.`, {
        got: `an attestation ${why}`,
        expected: `${check.after} first`,
        fix: 'Attest it when it has happened.',
      });
};
