import { type Draft, isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { canonical, sha256 } from '../../canonical-json.ts';
import { ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { evidenceTypes, type Facts, isEvidenceType, parseEvidence } from '../../registry/evidence.ts';
import type { CiCaller } from '../state/caller.ts';
import { latestPossible } from '../state/clock-skew.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { fanOut, type Judged, judgedOf, servedBy, tooEarly } from '../writing/fan-out.ts';
import { artifactOf, mayServe } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { type EvidenceParameters, evidenceParametersSchema } from './inputs.ts';

export type EvidenceInput = EvidenceParameters & {
  readonly run: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
};

export type EvidenceRecorded = {
  readonly event: string;
  readonly digest: string;
  readonly judged: readonly Judged[];
  /** Checks of this evidence type for which it does not count, and why. */
  readonly notCounted: readonly { readonly check: string; readonly why: string }[];
  /** Whether the report was recorded before: then nothing new was recorded. */
  readonly alreadyRecorded: boolean;
};

type EvidenceDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'evidence' | 'due' | 'reconciler'>;
type Refused = { readonly refused: Refusal; readonly ok?: never };

/** Records a report of CI: parsed, bound to commit and artifact, stored by digest, and judged for every check that it serves. */
export const recordEvidence = runCommand({
  id: 'recordEvidence',
  input: evidenceParametersSchema,
  callers: ['ci'],
  action: ({ type }: EvidenceInput) => `evidence ${type}`,
  decide: async (deps: EvidenceDependencies, context, input: EvidenceInput, caller: CiCaller) => {
    const now = deps.clock.now();
    const parsed = checkBindings(context, input, caller, now) ?? parseEvidence(input.type, input.bytes);
    if (parsed.refused) return parsed;
    const facts = parsed.ok;
    const no = checkArtifact(context, input, facts) ?? checkEnd(facts, now);
    if (no !== undefined) return no;
    const { serves, notCounted } = await servedNow(deps, context, input, facts);
    const digest = sha256(input.bytes);
    const factBytes = new TextEncoder().encode(canonical(facts));
    const kept = { digest, facts: sha256(factBytes), serves };
    await deps.evidence.put(context.scope, digest, input.bytes, input.contentType);
    await deps.evidence.put(context.scope, kept.facts, factBytes, 'application/json');
    return append({
      draft: draftOf(context, input, kept, caller),
      lane: 'unread',
      followUp: ({ stored }) => fanOut(deps, context, { evidence: stored, facts }),
      answer: ({ stored, adopted, more }) =>
        ok({
          event: stored.event.id,
          digest,
          judged: more.filter(isType('check.judged')).map(judgedOf),
          notCounted,
          alreadyRecorded: adopted,
        }),
    });
  },
});

/** The checks that the report serves, and those that would be served if it had been made later. */
const servedNow = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  input: EvidenceInput,
  facts: Facts,
): Promise<{ readonly serves: string[]; readonly notCounted: EvidenceRecorded['notCounted'] }> => {
  const served = servedBy(context.checklist, facts);
  const deployment = served.some((check) => check.after !== null) ? await deps.trail.read(context.scope, { lane: lanes.deployment }) : [];
  const judged = served.map((check) => ({ check: check.id, why: tooEarly(check, beganAt(input, facts), deployment, context) }));
  return {
    serves: judged.filter(({ why }) => why === undefined).map(({ check }) => check),
    notCounted: judged.flatMap(({ check, why }) => (why === undefined ? [] : [{ check, why }])),
  };
};

/** A series is as old as its first point: what it saw before an event proves nothing about the time after it. */
const beganAt = ({ madeAt }: EvidenceInput, facts: Facts): string => ('from' in facts ? facts.from : madeAt);

const draftOf = (
  context: RunContext,
  input: EvidenceInput,
  kept: { readonly digest: string; readonly facts: string; readonly serves: string[] },
  caller: CiCaller,
): Draft<'evidence.recorded'> => {
  const producer = { run: input.producerRun, attempt: input.producerAttempt };
  return {
    scope: context.scope,
    lane: lanes.evidence(input.type, input.source),
    step: [kept.digest, producer.run, producer.attempt, input.madeAt, input.component ?? '*'].join('/'),
    type: 'evidence.recorded',
    actor: actorOf(caller),
    data: {
      evidence: input.type,
      source: input.source,
      component: input.component ?? null,
      commit: input.commit,
      artifact: input.artifact ?? null,
      ...kept,
      bytes: input.bytes.byteLength,
      madeAt: input.madeAt,
      producer,
    },
  };
};

const checkBindings = (context: RunContext, input: EvidenceInput, caller: CiCaller, now: Date): Refused | undefined => {
  const { commit, service } = context.started.event.data;
  const foreign = mayServe(caller, service);
  if (foreign !== undefined) return foreign;
  const instead = isEvidenceType(input.type) ? evidenceTypes[input.type].insteadOfUpload : undefined;
  if (instead !== undefined)
    return refuse('check-proved-otherwise', `Evidence of type ${input.type} cannot be uploaded.`, {
      got: input.type,
      expected: 'a report of a tool',
      fix: instead,
    });
  if (input.commit !== commit)
    return refuse('commit-mismatch', "The evidence is for another commit than the run's.", {
      got: input.commit,
      expected: commit,
      fix: 'Make the report from the commit that the run releases, or start a run for that commit.',
    });
  const latest = latestPossible(now);
  if (input.madeAt > latest) {
    return refuse('evidence-time', 'The evidence says that it was made in the future.', {
      got: input.madeAt,
      expected: `not after ${latest}`,
      fix: 'Set the clock of the producer, and send the time at which the report was made.',
    });
  }
  return undefined;
};

/** A series proves nothing about a time that has not come. */
const checkEnd = (facts: Facts, now: Date): { refused: Refusal } | undefined => {
  const latest = latestPossible(now);
  if (!('to' in facts) || facts.to <= latest) return undefined;
  return refuse('evidence-time', 'The series ends in the future.', {
    got: facts.to,
    expected: `not after ${latest}`,
    fix: 'Send the points that were measured, and set the clock of the probe.',
  });
};

/** A component that is named must be the run's, with the run's digest; a check about artifacts needs one named. */
const checkArtifact = (context: RunContext, input: EvidenceInput, facts: Facts): { refused: Refusal } | undefined => {
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
  if (input.artifact !== artifact.digest) {
    return refuse('artifact-mismatch', `The evidence is for another artifact of ${input.component}.`, {
      got: input.artifact ?? 'no artifact digest',
      expected: artifact.digest,
      fix: 'Make the report from the artifact that the run releases.',
    });
  }
  return checkSubject(artifact.digest, facts);
};

/** A bill of materials may say by digest what it is about. */
const checkSubject = (digest: string, facts: Facts): { refused: Refusal } | undefined => {
  const subjects = 'subjectSha256' in facts ? facts.subjectSha256.map((hex) => `sha256:${hex}`) : [];
  if (subjects.length === 0 || subjects.includes(digest)) return undefined;
  return refuse('artifact-mismatch', 'The report says by digest that it is about another artifact.', {
    got: subjects.join(', '),
    expected: digest,
    fix: 'Make the bill of materials from the artifact that the run releases.',
  });
};
