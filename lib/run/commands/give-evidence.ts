import type { Draft } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { excerpt } from '../../canonical-json.ts';
import type { Checklist } from '../../checklist/definition.ts';
import { proofsBy, proofsOf, servingBy, wantsOf } from '../../checklist/proofs.ts';
import {
  confirmersOf,
  type Given,
  givenIn,
  isBaseline,
  judgeStanding,
  ownersOf,
  type StandingCheck,
  type StandingTaker,
  servesStanding,
  standingChecks,
  standsUntil,
  takesFrom,
} from '../../evaluation/standing-evidence.ts';
import type { Judged } from '../../fields.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { StoredFacts } from '../../registry/evidence.ts';
import { isEvidenceType, judgedAs } from '../../registry/evidence-types.ts';
import { parseOnDemand, recogniseOnDemand } from '../../registry/on-demand.ts';
import { counted } from '../../wording.ts';
import type { Caller } from '../state/caller.ts';
import { actorOf } from '../state/run-context.ts';
import type { Kept } from '../writing/evidence-report.ts';
import { withExitCode } from '../writing/fan-out.ts';
import { needsRole } from './authorize.ts';
import { type StandingParameters, standingParametersSchema } from './inputs.ts';
import { aheadOfReceipt, madeAtOf } from './made-at.ts';
import { checkFuture, checkUploaded, keep } from './record-evidence.ts';
import { environmentsOf, type ServiceDependencies, type ServiceReading, type ServiceStep, serviceCommand } from './service-command.ts';

export type GivenInput = Omit<StandingParameters, 'environment'> & {
  readonly service: string;
  readonly environment?: string | undefined;
  /** Undefined: the content tells it. */
  readonly type?: string | undefined;
  readonly bytes: Uint8Array;
  readonly contentType: string;
};

export type EvidenceGiven = {
  readonly event: string;
  readonly digest: string;
  /** counts: in every run from now on. waits: until a second person has confirmed it. */
  readonly state: Given['state'];
  /** Until when it counts, for the check that takes it longest. */
  readonly until: string;
  /** What it says about the standing checks of the current checklist. */
  readonly judged: readonly Judged[];
  /** The roles of which one must confirm it; empty where nobody has to. */
  readonly confirmedBy: readonly string[];
  readonly alreadyRecorded: boolean;
};

type Refused = { readonly refused: Refusal };
type Typed = GivenInput & { readonly type: string };
/** A report as it counts: what it is about, for which checks, and since when. */
type Report = {
  readonly facts: StoredFacts;
  readonly checks: readonly StandingTaker[];
  readonly madeAt: string;
  readonly unreadable?: Refusal;
};

/**
 * Records evidence about a service that counts in every run until it is too old: parsed, kept without secrets and bound as evidence of a run.
 * What CI sends counts at once; what a person gives counts when a second one has confirmed it.
 */
export const giveEvidence = serviceCommand({
  id: 'giveEvidence',
  input: standingParametersSchema,
  callers: ['ci', 'person'],
  // A type that is not known is text of the caller, which the trail would keep for ever.
  action: ({ type = '' }: GivenInput) => (isEvidenceType(type) ? `give evidence ${type}` : 'give evidence of an unknown type'),
  decide: async (
    deps: ServiceDependencies,
    read: ServiceReading,
    given: GivenInput,
    caller: Caller,
  ): Promise<Outcome<ServiceStep<'evidence.recorded', EvidenceGiven>> | Refused> => {
    const type: Outcome<string> = given.type === undefined ? await recogniseOnDemand(given.bytes) : ok(given.type);
    if (type.refused) return type;
    const input = { ...given, type: type.ok };
    const no = checkUploaded(input.type) ?? checkFuture(input.madeAt, read.now);
    if (no !== undefined) return no;
    const found = await reportIn(deps.definitions.current().checklist, read, input, caller);
    if (found.refused) return found;
    const refused = mayGive(found.ok, input, read.now, caller);
    if (refused !== undefined) return refused;
    const { facts } = found.ok;
    const kept = await keep(deps, { scope: read.scope, run: { service: input.service } }, input, { facts, caller });
    if (kept.refused) return kept;
    return ok(stepOf(deps, read, input, { ...found.ok, kept: kept.ok, caller }));
  },
});

/** Parses the report and finds the checks that it serves. */
const reportIn = async (checklist: Checklist, read: ServiceReading, input: Typed, caller: Caller): Promise<Outcome<Report> | Refused> => {
  const parsed = await parseOnDemand(input.type, input.bytes);
  const madeAt = madeAtOf(input.madeAt, parsed.reportTime, read.now);
  const environment = input.environment ?? null;
  if (parsed.refused) {
    // Otherwise an older pass would stand although the source has reported something else since.
    const before = caller.kind === 'ci' && isEvidenceType(input.type) ? servedBefore(checklist, read, input) : [];
    if (before.length === 0) return parsed;
    const facts = { type: 'unreadable' as const, reason: excerpt(parsed.refused.detail, 200) };
    return ok({ facts, checks: before, madeAt, unreadable: parsed.refused });
  }
  const checks = servesStanding(checklist, { facts: parsed.ok, serves: [], given: environment }, null);
  if (checks.length === 0) return notStanding(checklist, input, parsed.ok);
  // Asked of what was read: below, a record from the future is a baseline no more.
  if (isBaseline(parsed.ok) && caller.kind === 'ci') return baselineOfJob(checks);
  const ahead = aheadOfReceipt(parsed.reportTime, read.now);
  return ok({ facts: ahead === undefined ? parsed.ok : { type: 'unreadable', reason: ahead }, checks, madeAt });
};

const baselineOfJob = (checks: readonly StandingTaker[]): Refused =>
  refuse('role-missing', 'A job cannot say what releases are compared with.', {
    got: 'a CI job',
    expected: `a person in the role ${ownersOf(checks).join(' or ')}`,
    fix: 'Give it as a person, signed in with `holdpoint login`; a second person confirms it.',
  });

const servedBefore = (checklist: Checklist, { lane }: ServiceReading, input: Typed): readonly StandingCheck[] => {
  const same = givenIn(lane).filter(({ stored: { event }, environment, state }) => {
    const { evidence, source } = event.data;
    return state === 'counts' && evidence === input.type && source === input.source && environment === (input.environment ?? null);
  });
  const served = new Set(same.flatMap(({ stored }) => stored.event.data.serves));
  return standingChecks(checklist).filter(({ id }) => served.has(id));
};

const mayGive = ({ facts, checks, madeAt }: Report, input: Typed, now: Date, caller: Caller): Refused | undefined => {
  const stated = 'commit' in facts ? facts.commit : null;
  if (input.commit !== undefined && stated !== null && stated !== input.commit)
    return refuse('commit-mismatch', 'The record says that it is about another commit than the one that was sent with it.', {
      got: stated,
      expected: input.commit,
      fix: 'Make the record at that commit, or leave the commit out.',
    });
  const until = standsUntil({ madeAt }, checks) ?? '';
  if (until <= now.toISOString())
    return refuse('evidence-time', 'The evidence is too old for every check that it serves.', {
      got: `made at ${madeAt}`,
      expected: checks
        .map(({ id, maxAgeSeconds }) => `${id}: at most ${counted(Math.round(maxAgeSeconds / 86_400), 'day')} old`)
        .join('; '),
      fix: 'Look again, and send what was found now.',
    });
  return caller.kind === 'ci' ? undefined : needsRole(caller, ownersOf(checks), checks.map(({ id }) => `the check ${id}`).join(', '));
};

type Kind = { readonly kept: Kept; readonly caller: Caller };

const stepOf = (
  deps: ServiceDependencies,
  { scope }: ServiceReading,
  input: Typed,
  { facts, checks, madeAt, unreadable, kept, caller }: Report & Kind,
): ServiceStep<'evidence.recorded', EvidenceGiven> => ({
  draft: draftOf(scope, input, { facts, kept, checks, madeAt, caller }),
  // What waits for a second person changes no run yet.
  environments: caller.kind === 'ci' ? environmentsOf(deps, input) : [],
  answer: async ({ stored, adopted }) => {
    if (unreadable !== undefined) return { refused: unreadable };
    const lane = adopted ? await deps.trail.read(scope, { lane: lanes.standing, fromSeq: stored.event.seq }) : [stored as never];
    const [now] = givenIn(lane);
    return ok({
      event: stored.event.id,
      digest: kept.received?.digest ?? kept.digest,
      state: now?.state ?? 'waits',
      until: standsUntil(stored.event.data, checks) ?? '',
      judged: checks.map((check) => ({
        check: check.id,
        ...withExitCode(judgeStanding(check, facts), stored.event.data.exitCode),
        attempt: 1,
      })),
      confirmedBy: now?.state === 'waits' ? confirmersOf(checks) : [],
      alreadyRecorded: adopted,
    });
  },
});

const draftOf = (
  scope: string,
  input: Typed,
  { facts, kept, checks, madeAt, caller }: Pick<Report, 'facts' | 'checks' | 'madeAt'> & Kind,
): Draft<'evidence.recorded'> => {
  const environment = input.environment ?? null;
  const by = caller.kind === 'person' ? caller.id : null;
  const producer = { run: input.producerRun ?? `unnamed-${input.madeAt}`, attempt: input.producerAttempt };
  const received = kept.received?.digest ?? kept.digest;
  return {
    scope,
    lane: lanes.standing,
    // The same report from another person is another one: nobody gives in another's name.
    step: ['given', input.type, input.source, environment ?? '*', received, producer.run, producer.attempt, input.madeAt, by ?? 'ci'].join(
      '/',
    ),
    type: 'evidence.recorded',
    actor: actorOf(caller),
    data: {
      evidence: input.type,
      source: input.source,
      component: null,
      commit: input.commit ?? null,
      artifact: null,
      ...kept,
      madeAt,
      producer,
      exitCode: input.exitCode ?? null,
      serves: checks.map(({ id }) => id),
      ...(facts.type === 'unreadable' ? {} : servingBy(checks, facts)),
      standing: { environment, by },
    },
  };
};

/** What would have been needed, for the sender of a report that no standing check takes. */
const notStanding = (checklist: Checklist, { type, environment }: Typed, facts: StoredFacts): Refused => {
  const standing = standingChecks(checklist);
  const otherwise = standing.filter((check) => proofsBy(check, facts).length > 0 && !takesFrom(check, environment ?? null, null));
  const ofRun = checklist.items.filter((item) => item.gate !== null && proofsBy(item, facts).length > 0);
  const ids = (checks: readonly { readonly id: string }[]): string => checks.map(({ id }) => id).join(', ');
  const needs = standing
    .flatMap((check) => proofsOf(check).map((proof) => ({ id: check.id, proof })))
    .filter(({ proof }) => proof.rule.evidence === judgedAs(type))
    .map(({ id, proof }) => `${id} needs ${wantsOf(proof)}`);
  const fix =
    otherwise.length > 0
      ? environment === undefined
        ? `It serves ${ids(otherwise)}: name the environment that it is about.`
        : `It serves ${ids(otherwise)}, which is about the service as a whole: leave the environment out.`
      : ofRun.length > 0
        ? `It serves ${ids(ofRun)} of a run: send it to the run, PUT /v1/runs/{run}/evidence/${type}.`
        : 'Send it to a run, where a check of the service itself may use it, or send evidence that a check listed here needs.';
  return refuse('evidence-not-standing', 'No check that takes standing evidence uses this report.', {
    got: `evidence of type ${type}${environment === undefined ? '' : ` about ${environment}`}`,
    expected: needs.length > 0 ? needs.join('; ') : `evidence for ${ids(standing)}`,
    fix,
  });
};
