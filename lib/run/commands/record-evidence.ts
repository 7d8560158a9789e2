import { isType } from '../../audit/event.ts';
import { excerpt } from '../../canonical-json.ts';
import { ownSource, type Proof, proofsOf, wantsOf } from '../../checklist/proofs.ts';
import { isMigrationNote } from '../../evaluation/own-subjects.ts';
import type { UnreadableFacts } from '../../evidence/unreadable.ts';
import { type Artifact, digestsOf, isDigestOf, type Judged } from '../../fields.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { StoredFacts } from '../../registry/evidence.ts';
import { isEvidenceType, judgedAs, typeFacts } from '../../registry/evidence-types.ts';
import { parseOnDemand, recogniseOnDemand, scrubberOf } from '../../registry/on-demand.ts';
import type { Caller, CiCaller } from '../state/caller.ts';
import { latestPossible } from '../state/clock-skew.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import {
  evidenceDraft,
  factsBytes,
  judgeReport,
  type Kept,
  type NotCounted,
  type Reporting,
  reporting,
  servedNow,
  storeReport,
} from '../writing/evidence-report.ts';
import { checksProvedBy, judgedOf, servedBy, subjectOf } from '../writing/fan-out.ts';
import { artifactOf, mayServe } from './authorize.ts';
import { append, runCommand, type Step } from './command.ts';
import { type EvidenceParameters, evidenceParametersSchema } from './inputs.ts';
import { type Bearer, withinLimits } from './limits.ts';
import { aheadOfReceipt, madeAtOf } from './made-at.ts';

export type EvidenceInput = EvidenceParameters & {
  readonly run: string;
  /** Undefined: the content tells it. */
  readonly type?: string | undefined;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Whether the report itself was counted before, when its upload was requested. */
  readonly counted?: true;
};

export type EvidenceRecorded = {
  readonly event: string;
  readonly digest: string;
  readonly judged: readonly Judged[];
  /** Checks of this evidence type for which it does not count, and why. */
  readonly notCounted: readonly NotCounted[];
  /** Set when the report serves no check: what the checks of this evidence type would need, or that there is no such check. */
  readonly unused: string | null;
  /** Whether the report was recorded before: then nothing new was recorded. */
  readonly alreadyRecorded: boolean;
};

/** A report whose type is known. */
type Typed = EvidenceInput & { readonly type: string };
/** `madeAt` is when the report counts as made, `claimedAt` what its sender said. */
type Timed = Typed & { readonly claimedAt: string };

export type EvidenceDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'evidence' | 'due' | 'reconciler' | 'quotas'>;
type Refused = { readonly refused: Refusal; readonly ok?: never };

/** Records a report of CI: parsed, bound to commit and artifact, stored by digest, and judged for every check that it serves. */
export const recordEvidence = runCommand({
  id: 'recordEvidence',
  input: evidenceParametersSchema,
  callers: ['ci'],
  // A type that is not known is text of the caller, which the trail would keep for ever.
  action: ({ type = '' }: EvidenceInput) => (isEvidenceType(type) ? `evidence ${type}` : 'evidence of an unknown type'),
  decide: async (deps: EvidenceDependencies, context, given: EvidenceInput, caller: CiCaller) => {
    const now = deps.clock.now();
    const type: Outcome<string> = given.type === undefined ? await recogniseOnDemand(given.bytes) : ok(given.type);
    if (type.refused) return type;
    const input = { ...given, type: type.ok };
    const bound = checkBindings(context, input, caller, now);
    if (bound !== undefined) return bound;
    const parsed = await parseOnDemand(input.type, input.bytes);
    const timed = { ...input, claimedAt: input.madeAt, madeAt: madeAtOf(input.madeAt, parsed.reportTime, now) };
    if (parsed.refused) return isEvidenceType(input.type) ? recordUnreadable(deps, context, timed, { caller, parsed }) : parsed;
    const no = checkArtifact(context, input, parsed.ok) ?? checkCommit(context, parsed.ok);
    if (no !== undefined) return no;
    const { notCounted, ...serving } = await servedNow(deps, context, timed.madeAt, parsed.ok);
    const ahead = aheadOfReceipt(parsed.reportTime, now);
    // A report from the future is judged all the same: otherwise an older pass of its source would stand.
    const facts = ahead === undefined ? parsed.ok : { type: 'unreadable' as const, reason: ahead };
    const kept = await keep(deps, context, input, { facts, caller });
    if (kept.refused) return kept;
    const report = await reportingOf(deps, context, timed, { ...kept.ok, ...serving }, caller);
    return append({
      ...report,
      followUp: ({ stored }) => judgeReport(deps, context, report, { evidence: stored, facts }),
      answer: ({ stored, adopted, more }) =>
        ok({
          event: stored.event.id,
          digest: kept.ok.received?.digest ?? kept.ok.digest,
          judged: more
            .filter(isType('check.judged'))
            .filter(({ event }) => !isMigrationNote(event.data))
            .map(judgedOf(context.checklist)),
          notCounted,
          unused: serving.serves.length + notCounted.length === 0 ? neededInstead(context, input.type) : null,
          alreadyRecorded: adopted,
        }),
    });
  },
});

/** Stores the report and its facts, if no limit is reached. */
export const keep = async (
  deps: Pick<Dependencies, 'evidence' | 'quotas' | 'clock'>,
  context: Pick<RunContext, 'scope'> & { readonly run: Bearer },
  input: Pick<Typed, 'type' | 'bytes' | 'contentType' | 'source' | 'counted'>,
  { facts, caller }: { readonly facts: StoredFacts; readonly caller: Caller },
): Promise<Outcome<Kept>> => {
  const bytes = factsBytes(facts);
  const report = input.counted ? { bytes: 0 } : { pieces: 1, bytes: input.bytes.byteLength };
  const taken = { ...report, bytes: report.bytes + bytes.byteLength, source: `${input.type}/${input.source}` };
  const over = await withinLimits(deps, context.run, caller, taken);
  if (over !== undefined) return over;
  const scrub = await scrubberOf(input.type);
  return ok(await storeReport(deps, context, { bytes: input.bytes, contentType: input.contentType, facts: bytes, scrub }));
};

/**
 * A report that cannot be read is refused. When its source has been judged before, it is recorded too, and makes those checks
 * inconclusive: otherwise an older pass would stand although the source has reported something else since.
 */
const recordUnreadable = async (
  deps: EvidenceDependencies,
  context: RunContext,
  input: Timed,
  { caller, parsed }: { readonly caller: CiCaller; readonly parsed: Refused },
): Promise<Outcome<Step<EvidenceRecorded>> | Refused> => {
  const facts: UnreadableFacts = { type: 'unreadable', reason: excerpt(parsed.refused.detail, 200) };
  const no = checkArtifact(context, input, facts);
  const subject = subjectOf(input);
  const judged = (await deps.trail.read(context.scope, { prefix: 'check/' })).filter(isType('check.judged'));
  const isOf = ({ source, rule }: Proof, check: string): boolean =>
    rule.evidence === judgedAs(input.type) &&
    judged.some(
      ({ event: { data } }) =>
        data.check === check &&
        data.subject === (source === ownSource ? subject : `${subject}/${source}`) &&
        (data.source ?? ownSource) === source,
    );
  const found = checksProvedBy(context.checklist, judgedAs(input.type)).flatMap((check) => {
    const sources = proofsOf(check).flatMap((proof) => (isOf(proof, check.id) ? [proof.source] : []));
    return sources.length === 0 ? [] : [{ check, sources }];
  });
  const serves = found.map(({ check }) => check.id);
  const several = found.filter(({ check }) => check.sources !== undefined).map(({ check, sources }) => [check.id, sources] as const);
  const serving = { serves, ...(several.length === 0 ? {} : { sources: Object.fromEntries(several) }) };
  if (no !== undefined || serves.length === 0) return parsed;
  const kept = await keep(deps, context, input, { facts, caller });
  if (kept.refused) return kept;
  const report = await reportingOf(deps, context, input, { ...kept.ok, ...serving }, caller);
  return append({
    ...report,
    followUp: ({ stored }) => judgeReport(deps, context, report, { evidence: stored, facts }),
    answer: (): Outcome<EvidenceRecorded> => ({ refused: parsed.refused }),
  });
};

/** What would have been needed, for the sender of a report that serves no check. */
const neededInstead = ({ checklist }: RunContext, type: string): string => {
  const needs = checksProvedBy(checklist, judgedAs(type)).flatMap((check) =>
    proofsOf(check).flatMap((proof) => (proof.rule.evidence === judgedAs(type) ? [`${check.id} needs ${wantsOf(proof)}`] : [])),
  );
  return needs.length === 0 ? `no check of this checklist uses evidence of type ${type}` : needs.join('; ');
};

const reportingOf = (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  input: Timed,
  kept: Kept & { readonly serves: string[]; readonly sources?: Record<string, string[]> },
  caller: CiCaller,
): Promise<Reporting> =>
  reporting(
    deps,
    evidenceDraft(context, actorOf(caller), input.claimedAt, {
      evidence: input.type,
      source: input.source,
      component: input.component ?? null,
      commit: input.commit,
      artifact: input.artifact ?? null,
      ...kept,
      madeAt: input.madeAt,
      producer: { run: input.producerRun ?? `unnamed-${input.claimedAt}`, attempt: input.producerAttempt },
      exitCode: input.exitCode ?? null,
    }),
  );

/** What can be refused before the report is read. */
export const checkBindings = (
  context: RunContext,
  input: Pick<Typed, 'type' | 'commit' | 'madeAt'>,
  caller: CiCaller,
  now: Date,
): Refused | undefined => {
  const { commit } = context.started.event.data;
  const foreign = mayServe(caller, context.started.event.data);
  if (foreign !== undefined) return foreign;
  const notUploaded = checkUploaded(input.type);
  if (notUploaded !== undefined) return notUploaded;
  if (input.commit !== commit)
    return refuse('commit-mismatch', "The evidence is for another commit than the run's.", {
      got: input.commit,
      expected: commit,
      fix: 'Make the report from the commit that the run releases, or start a run for that commit.',
    });
  return checkFuture(input.madeAt, now);
};

export const checkUploaded = (type: string): Refused | undefined => {
  const instead = isEvidenceType(type) ? typeFacts[type].insteadOfUpload : undefined;
  if (instead === undefined) return undefined;
  return refuse('check-proved-otherwise', `Evidence of type ${type} cannot be uploaded.`, {
    got: type,
    expected: 'a report of a tool',
    fix: instead,
  });
};

export const checkFuture = (madeAt: string, now: Date): Refused | undefined => {
  const latest = latestPossible(now);
  if (madeAt <= latest) return undefined;
  return refuse('evidence-time', 'The evidence says that it was made in the future.', {
    got: madeAt,
    expected: `not after ${latest}`,
    fix: 'Set the clock of the producer, and send the time at which the report was made.',
  });
};

/** A record may say of which commit it is. */
const checkCommit = (context: RunContext, facts: StoredFacts): Refused | undefined => {
  const { commit } = context.started.event.data;
  if (!('commit' in facts) || facts.commit === null || facts.commit === commit) return undefined;
  return refuse('commit-mismatch', "The record says that it is about another commit than the run's.", {
    got: facts.commit,
    expected: commit,
    fix: 'Make the record for the commit that the run releases.',
  });
};

/** A component that is named must be the run's, with the run's digest; a check about artifacts needs one named. */
export const checkArtifact = (
  context: RunContext,
  input: Pick<EvidenceInput, 'component' | 'artifact'>,
  facts: StoredFacts,
): { refused: Refusal } | undefined => {
  const { artifacts } = context.started.event.data;
  const names = artifacts.map((artifact) => artifact.component).join(', ');
  if (input.component === undefined) {
    const about = servedBy(context.checklist, facts).find((check) => check.scope === 'artifact');
    if (about === undefined && input.artifact === undefined) return undefined;
    return refuse(
      'component-unknown',
      about === undefined
        ? 'The report has an artifact digest but no component.'
        : `The check ${about.id} is about an artifact, and the evidence names no component.`,
      {
        got: 'no component',
        expected: names,
        fix: 'Send component and artifact with the report.',
      },
    );
  }
  const found = artifactOf(context, input.component);
  if (found.refused) return found;
  const artifact = found.ok;
  if (!isDigestOf(artifact, input.artifact)) {
    return refuse('artifact-mismatch', `The evidence is for another artifact of ${input.component}.`, {
      got: input.artifact ?? 'no artifact digest',
      expected: digestsOf(artifact),
      fix: 'Make the report from the artifact that the run releases.',
    });
  }
  return checkSubject(artifact, facts);
};

/** A bill of materials may say by digest what it is about. */
const checkSubject = (artifact: Artifact, facts: StoredFacts): { refused: Refusal } | undefined => {
  const subjects = 'subjectSha256' in facts ? facts.subjectSha256.map((hex) => `sha256:${hex}`) : [];
  if (subjects.length === 0 || subjects.some((digest) => isDigestOf(artifact, digest))) return undefined;
  return refuse('artifact-mismatch', 'The report says by digest that it is about another artifact.', {
    got: subjects.join(', '),
    expected: digestsOf(artifact),
    fix: 'Make the bill of materials from the artifact that the run releases.',
  });
};
