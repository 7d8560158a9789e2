import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { canonical, sha256 } from '../../canonical.ts';
import { evidenceTypes, type Facts, isEvidenceType, parseEvidence } from '../../evidence/index.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { Caller } from '../state/caller.ts';
import { latestPossible } from '../state/clock-skew.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { fanOut, type Judged, servedBy, tooEarly } from '../writing/fan-out.ts';
import { storeRecheck } from '../writing/recheck.ts';
import type { EvidenceParameters } from './inputs.ts';
import { mayServe, openRun, recordRefusal } from './refusals.ts';

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
  /** Said when the report was known already: nothing new was recorded. */
  readonly known: boolean;
};

type EvidenceWorld = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'evidence' | 'due' | 'reconciler'>;

/** Records a report of CI: parsed, bound to commit and artifact, stored by digest, judged for every check that it serves. */
export const recordEvidence = async (deps: EvidenceWorld, input: EvidenceInput, caller: Caller): Promise<Outcome<EvidenceRecorded>> => {
  const action = `evidence ${input.type}`;
  const found = await openRun(deps, input.run, caller, action);
  if (found.refused) return found;
  const context = found.ok;
  const parsed = checkBindings(deps, context, input, caller) ?? parseEvidence(input.type, input.bytes);
  if (parsed.refused) return recordRefusal(deps, context, caller, action, parsed.refused);
  const unbound = checkArtifact(context, input, parsed.ok) ?? checkEnd(parsed.ok, deps.clock.now());
  if (unbound !== undefined) return recordRefusal(deps, context, caller, action, unbound.refused);
  return record(deps, context, { ...input, facts: parsed.ok }, caller);
};

const checkBindings = (
  deps: Pick<Dependencies, 'clock'>,
  context: RunContext,
  input: EvidenceInput,
  caller: Caller,
): { refused: Refusal; ok?: never } | undefined => {
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
    return refuse('commit-mismatch', 'The evidence is of another commit than the run.', {
      got: input.commit,
      expected: commit,
      fix: 'Make the report from the commit that the run releases, or start a run for that commit.',
    });
  const latest = latestPossible(deps.clock.now());
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
  if (facts.type !== 'series' || facts.to <= latest) return undefined;
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
    return refuse('component-unknown', `The check ${about?.id ?? input.type} is about an artifact, and the evidence names no component.`, {
      got: 'no component',
      expected: names,
      fix: 'Send component and artifact with the report.',
    });
  }
  const artifact = artifacts.find((one) => one.component === input.component);
  if (artifact === undefined)
    return refuse('component-unknown', 'The run has no such component.', {
      got: input.component,
      expected: names,
      fix: 'Name a component of the run.',
    });
  if (input.artifact !== artifact.digest) {
    return refuse('artifact-mismatch', `The evidence is of another artifact of ${input.component}.`, {
      got: input.artifact ?? 'no artifact digest',
      expected: artifact.digest,
      fix: 'Make the report from the artifact that the run releases.',
    });
  }
  return undefined;
};

const record = async (
  deps: EvidenceWorld,
  context: RunContext,
  input: EvidenceInput & { readonly facts: Facts },
  caller: Caller,
): Promise<Outcome<EvidenceRecorded>> => {
  const served = servedBy(context.checklist, input.facts);
  const deployment = served.some((check) => check.after !== null) ? await deps.trail.read(context.scope, { lane: lanes.deployment }) : [];
  const notCounted = served.flatMap((check) => {
    const why = tooEarly(check, beganAt(input), deployment, context);
    return why === undefined ? [] : [{ check: check.id, why }];
  });
  const serves = served.map((check) => check.id).filter((id) => !notCounted.some((one) => one.check === id));
  const digest = sha256(input.bytes);
  const factBytes = new TextEncoder().encode(canonical(input.facts));
  const facts = sha256(factBytes);
  await deps.evidence.put(context.scope, digest, input.bytes, input.contentType);
  await deps.evidence.put(context.scope, facts, factBytes, 'application/json');
  const recheck = await storeRecheck(
    deps,
    context.run,
    `${input.type}/${input.source}/${digest}/${input.producerRun}/${input.producerAttempt}`,
  );
  const { stored, adopted } = await appendEvidence(deps, context, input, { digest, facts, serves }, caller);
  const judged = await fanOut(deps, context, { evidence: stored, facts: input.facts }, recheck);
  return ok({ event: stored.event.id, digest, judged, notCounted, known: adopted });
};

/** A series is as old as its first point: what it saw before an event proves nothing about the time after it. */
const beganAt = (input: EvidenceInput & { readonly facts: Facts }): string =>
  input.facts.type === 'series' ? input.facts.from : input.madeAt;

const appendEvidence = (
  deps: EvidenceWorld,
  context: RunContext,
  input: EvidenceInput,
  kept: { readonly digest: string; readonly facts: string; readonly serves: string[] },
  caller: Caller,
): Promise<{ stored: Stored<'evidence.recorded'>; adopted: boolean }> => {
  const producer = { run: input.producerRun, attempt: input.producerAttempt };
  return deps.trail.append(
    {
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
    },
    { parentHash: context.parentHash },
  );
};
