import { lanes } from '../../audit/lane.ts';
import { canonical, sha256 } from '../../canonical.ts';
import { gateOf, type Item, itemOf } from '../../checklist/definition.ts';
import { isEvidenceRule } from '../../checklist/rule.ts';
import type { Facts } from '../../evidence/index.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf, leadOpensAt, type RunContext } from '../state/run-context.ts';
import { factsOf, fanOut, tooEarly } from '../writing/fan-out.ts';
import { storeRecheck } from '../writing/recheck.ts';
import { openRun, recordRefusal } from './refusals.ts';

export type Recorded = {
  readonly event: string;
  readonly check: string;
  readonly verdict: string;
  readonly reason: string;
  readonly known: boolean;
};

type PersonWorld = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'evidence' | 'people' | 'due' | 'reconciler'>;

/**
 * A person of the check's role says in their own words why it holds. The words stay with the people's texts, erasable; the event
 * carries their salted digest. Attesting is not signing: the starter may attest, and it is shown who did.
 */
export const attest = async (
  deps: PersonWorld,
  input: { readonly run: string; readonly check: string; readonly statement: string; readonly request: string },
  caller: PersonCaller,
): Promise<Outcome<Recorded>> => {
  const found = await checkFor(deps, input.run, input.check, caller, 'attestation');
  if (found.refused) return found;
  const { context, check } = found.ok;
  if (check.rule === null || !isEvidenceRule(check.rule) || check.rule.kind !== 'attested/1') {
    const { refused } = refuse('check-proved-otherwise', `The check ${check.id} is not proved by a person's word.`, {
      got: 'an attestation',
      expected: check.proof,
      fix: `Send the evidence that the check asks for${check.waivable ? ', or waive it' : ''}.`,
    });
    return recordRefusal(deps, context, caller, 'attestation', refused);
  }
  const now = deps.clock.now();
  const no = needsRole(caller, check.rule.role, `the check ${check.id}`) ?? (await beforeItsTime(deps, context, check, now));
  if (no !== undefined) return recordRefusal(deps, context, caller, 'attestation', no.refused);
  const statement = await deps.people.keep(context.run, input.statement);
  const facts: Facts = { type: 'attestation', statement, person: caller.id, role: check.rule.role };
  const bytes = new TextEncoder().encode(canonical(facts));
  const digest = sha256(bytes);
  await deps.evidence.put(context.scope, digest, bytes, 'application/json');
  const recheck = await storeRecheck(deps, context.run, `said/${input.request}`);
  const { stored, adopted } = await deps.trail.append(
    {
      scope: context.scope,
      lane: lanes.evidence('attestation', check.id),
      step: `said/${input.request}`,
      type: 'evidence.recorded',
      actor: actorOf(caller),
      data: {
        evidence: 'attestation',
        source: 'person',
        component: null,
        commit: context.started.event.data.commit,
        artifact: null,
        digest,
        facts: digest,
        bytes: bytes.byteLength,
        madeAt: now.toISOString(),
        producer: { run: caller.id, attempt: 1 },
        serves: [check.id],
      },
    },
    { parentHash: context.parentHash },
  );
  // Of a request that is repeated the first words count: their salt differs from that of the second.
  const [judged] = await fanOut(deps, context, { evidence: stored, facts: adopted ? await factsOf(deps, stored) : facts }, recheck);
  return ok({
    event: stored.event.id,
    check: check.id,
    verdict: judged?.verdict ?? 'missing',
    reason: judged?.reason ?? '',
    known: adopted,
  });
};

/** A word about what has not happened yet proves nothing, as a report would not. */
const beforeItsTime = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  check: Item,
  now: Date,
): Promise<{ refused: Refusal } | undefined> => {
  const opens = leadOpensAt(context, gateOf(context.checklist, check.gate ?? ''));
  if (opens !== null && now.toISOString() < opens) {
    return refuse('evidence-time', `The check ${check.id} belongs to the time shortly before T0.`, {
      got: now.toISOString(),
      expected: `an attestation after ${opens}; planned T0 is ${context.started.event.data.plannedT0}`,
      fix: 'Attest it then.',
    });
  }
  const deployment = check.after === null ? [] : await deps.trail.read(context.scope, { lane: lanes.deployment });
  const why = tooEarly(check, now.toISOString(), deployment, context);
  return why === undefined
    ? undefined
    : refuse('evidence-time', `The check ${check.id} is attested after ${check.after}.`, {
        got: `an attestation ${why}`,
        expected: `${check.after} first`,
        fix: 'Attest it when it has happened.',
      });
};

/** The run and its check, or a refusal that is recorded when the run exists. */
export const checkFor = async (
  deps: Pick<Dependencies, 'trail' | 'definitions' | 'clock'>,
  run: string,
  id: string,
  caller: PersonCaller,
  action: string,
): Promise<Outcome<{ readonly context: RunContext; readonly check: Item & { readonly gate: string } }>> => {
  const found = await openRun(deps, run, caller, `${action} ${id}`);
  if (found.refused) return found;
  const context = found.ok;
  const check = itemOf(context.checklist, id);
  if (check === undefined || check.gate === null) {
    const { refused } = refuse('check-unknown', 'The checklist that the run pinned has no such check to decide.', {
      got: id.slice(0, 80),
      expected: 'an id of `holdpoint checklist` that has a gate',
      fix: 'List the checks with `holdpoint checklist`.',
    });
    return recordRefusal(deps, context, caller, action, refused);
  }
  return ok({ context, check: { ...check, gate: check.gate } });
};

export const needsRole = (caller: PersonCaller, role: string, what: string): ReturnType<typeof refuse> | undefined =>
  caller.roles.some((own) => own === role)
    ? undefined
    : refuse('role-missing', `Only the ${role} may decide about ${what}.`, {
        got: caller.roles.join(', ') || 'no role',
        expected: role,
        fix: 'Ask somebody who holds the role, or change the roster.',
      });
