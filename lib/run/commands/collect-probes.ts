import { isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical-json.ts';
import type { Probe } from '../../checklist/probe.ts';
import { protectingProbes } from '../../checklist/protections.ts';
import { type Targets, usualProbes } from '../../checklist/targets.ts';
import { type Permitted, type ProbeDependencies, type Probed, runProbes } from '../../collectors/probe.ts';
import { type ProbeFacts, type ProbesFacts, probes as probesKind } from '../../evidence/probes.ts';
import { onDemand } from '../../on-demand.ts';
import { type Outcome, refuse } from '../../outcome.ts';
import { counted } from '../../wording.ts';
import { readIsAfterT0 } from '../state/gate-inputs.ts';
import { type RunContext, system } from '../state/run-context.ts';
import { appendToRun } from '../writing/append.ts';
import { factsOf } from '../writing/fan-out.ts';
import { type CollectedDependencies, recordCollected } from './collected-evidence.ts';
import { observationAppend } from './observe.ts';

const loadOperations = onDemand(() => import('../../collectors/operations.ts'));

export type CollectProbesDependencies = CollectedDependencies & ProbeDependencies;
type Set = ProbesFacts['set'];

const sources: Readonly<Record<Set, string>> = {
  probes: 'collector',
  operations: 'collector-operations',
  proof: 'collector-proof',
  protections: 'collector-protections',
};

/** Records what probes came to. */
export const recordProbes = async (
  deps: CollectProbesDependencies,
  context: RunContext,
  look: { readonly set: Set; readonly partial: boolean; readonly from: string; readonly probed: readonly Probed[] },
): Promise<{ readonly event: string; readonly facts: ProbesFacts }> => {
  const { set, partial, from, probed } = look;
  const report = { schema: 'holdpoint.probes/1', set, partial, from, to: deps.clock.now().toISOString(), probes: [...probed] };
  const { event, facts } = await recordCollected(deps, context, probesKind, { source: sources[set], look: `look at ${from}`, report });
  return { event: event.event.id, facts: facts as ProbesFacts };
};

/** The last looks at all probes that this process has read, by run, with the digest of their facts: facts of a digest never change. */
export type KnownLooks = Map<string, { readonly digest: string; readonly facts: ProbesFacts }>;

/** `ids`: only these probes. `watch`: the look of every minute, which records again only what changed or has grown old. */
type Look = { readonly ids?: readonly string[] | undefined; readonly watch?: KnownLooks };

/** Makes the environment's usual probes or those of `ids`, and without `ids` and `watch` the operations of its OpenAPI document. Answers what was recorded. */
export const collectProbes = async (
  deps: CollectProbesDependencies,
  context: RunContext,
  targets: Targets,
  { ids, watch }: Look,
): Promise<readonly string[]> => {
  const chosen = ids === undefined ? usualProbes(targets) : probesOf(targets, ids);
  const done: string[] = [];
  if (chosen.length > 0) {
    const from = deps.clock.now().toISOString();
    const look = { set: 'probes', partial: ids !== undefined, from, probed: await runProbes(deps, chosen, targets) } as const;
    const last = watch === undefined ? undefined : await lastLook(deps, context, watch);
    const report = { schema: 'holdpoint.probes/1', set: look.set, partial: look.partial, from, to: from, probes: look.probed };
    const facts = probesKind.parse(new TextEncoder().encode(JSON.stringify(report))).ok;
    const isNew = last === undefined || facts === undefined || outcomesOf(facts) !== outcomesOf(last);
    if (isNew) done.push((await recordProbes(deps, context, look)).event);
    if (facts !== undefined) done.push(...(await observe(deps, context, facts.probes, isNew)));
  }
  if (ids === undefined && watch === undefined && targets.openapi !== undefined) done.push(await collectOperations(deps, context, targets));
  return done;
};

const outcomesOf = ({ probes }: ProbesFacts): string => digestOf(probes.map(({ id, outcome }) => [id, outcome]));

/** After so long a look is recorded also where nothing changed: the trail shows that somebody looked all the time. */
const freshMs = 30 * 60_000;

/** The last look at all probes, if it is fresh and no deployment was reported since. */
const lastLook = async (deps: CollectProbesDependencies, context: RunContext, looks: KnownLooks): Promise<ProbesFacts | undefined> => {
  const lane = await deps.trail.read(context.scope, { lane: lanes.evidence(probesKind.id, sources.probes) });
  const last = lane.findLast(isType('evidence.recorded'));
  if (last === undefined || deps.clock.now().getTime() - Date.parse(last.event.data.madeAt) > freshMs) return undefined;
  const deployment = await deps.trail.read(context.scope, { lane: lanes.deployment });
  if ((deployment.at(-1)?.event.at ?? '') >= last.event.data.madeAt) return undefined;
  const digest = last.event.data.facts;
  const known = looks.get(context.run);
  if (known?.digest === digest) return known.facts;
  const facts = await factsOf(deps, last);
  if (facts.type !== 'probes' || facts.partial) return undefined;
  looks.set(context.run, { digest, facts });
  return facts;
};

/**
 * From T0 on a critical probe that failed is an observation, by which triggers see it: one a minute. Where all critical probes passed at a
 * look that is recorded, that is a good one. It is set aside: what Holdpoint sees itself must not make a silent feed look alive.
 */
const observe = async (
  deps: CollectProbesDependencies,
  context: RunContext,
  probed: readonly ProbeFacts[],
  isNew: boolean,
): Promise<readonly string[]> => {
  const critical = probed.filter((probe) => probe.critical);
  const failed = critical.filter(({ outcome }) => outcome === 'failed');
  const isGood = isNew && critical.length > 0 && critical.every(({ outcome }) => outcome === 'passed');
  if ((!isGood && failed.length === 0) || !(await readIsAfterT0(deps, context))) return [];
  const now = deps.clock.now();
  const recorded: string[] = [];
  for (const said of [...failed.map(badOf), ...(isGood ? [goodOf(critical)] : [])]) recorded.push(await append(deps, context, now, said));
  return recorded;
};

type Said = {
  readonly name: string;
  readonly kind: 'error' | 'other';
  readonly bad: boolean;
  readonly subject: string;
  readonly summary: string;
};

const badOf = ({ id, tries, failed, reason }: ProbeFacts): Said => ({
  // Ids have up to 64 characters, and the observation's id gets the minute beside it.
  name: id.length <= 40 ? `probe-${id}` : `probe-${id.slice(0, 32)}-${digestOf(id).slice(0, 7)}`,
  kind: 'error',
  bad: true,
  subject: id,
  summary: `the critical probe failed, ${failed} of ${counted(tries, 'try', 'tries')}: ${reason ?? 'no reason'}`.slice(0, 300),
});
const goodOf = (critical: readonly ProbeFacts[]): Said => ({
  name: 'probes',
  kind: 'other',
  bad: false,
  subject: 'critical probes',
  summary: `${counted(critical.length, 'critical probe')} passed`,
});

const append = async (deps: CollectProbesDependencies, context: RunContext, now: Date, { name, ...said }: Said): Promise<string> => {
  const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000).toISOString();
  const observation = `${name}-${minute.slice(0, 16).replaceAll(/[-:]/g, '')}`;
  const lane = await deps.trail.read(context.scope, { lane: lanes.observation(observation) });
  const setAside = said.bad ? {} : { setAside: 'seen by Holdpoint itself' };
  const data = { ...said, ...setAside, observation, observedAt: now.toISOString(), words: null, via: 'collector' };
  const known = lane.find((stored) => isType('observation.recorded')(stored) && stored.event.data.observation === observation);
  if (known !== undefined) return known.event.id;
  const { stored } = await appendToRun(
    deps,
    context,
    observationAppend(context, lane, { data, claimedAt: minute, actor: system('collector') }),
  );
  return stored.event.id;
};

/** The probes in staging that show how the service is protected, as one report. Without such a probe nothing is recorded. */
export const collectProtections = async (
  deps: CollectProbesDependencies,
  context: RunContext,
  staging: Targets,
): Promise<readonly string[]> => {
  const chosen = protectingProbes(staging);
  if (chosen.length === 0) return [];
  const from = deps.clock.now().toISOString();
  const probed = await runProbes(deps, chosen, staging);
  return [(await recordProbes(deps, context, { set: 'protections', partial: false, from, probed })).event];
};

/** The document's operations, as one report. A document that cannot be had is a report that says so. */
export const collectOperations = async (deps: CollectProbesDependencies, context: RunContext, targets: Targets): Promise<string> => {
  // With the reader of YAML, which no other look needs.
  const { probeOperations, readOperations } = await loadOperations();
  const from = deps.clock.now().toISOString();
  const document = await documentOf(deps, context, targets, targets);
  const operations = document.refused === undefined ? readOperations(document.ok) : document;
  const probed =
    targets.openapi === undefined || operations.ok === undefined
      ? [unprobed(operations.refused?.detail ?? 'there is no OpenAPI document')]
      : await probeOperations(deps, operations.ok, targets.openapi, targets);
  return (await recordProbes(deps, context, { set: 'operations', partial: false, from, probed })).event;
};

const unprobed = (skipped: string): Probed => ({
  id: 'openapi-document',
  method: 'GET',
  path: '',
  critical: false,
  mode: 'every',
  needed: 1,
  skipped,
  tries: [],
});

/** The one that the stage file names, or the newest report of type openapi on the run. */
const documentOf = async (
  deps: CollectProbesDependencies,
  context: RunContext,
  { openapi }: Targets,
  permitted: Permitted,
): Promise<Outcome<Uint8Array>> => {
  const { fetchDocument } = await loadOperations();
  if (openapi?.url !== undefined) return fetchDocument(deps, { ...openapi, url: openapi.url }, permitted);
  const recorded = (await deps.trail.read(context.scope, { prefix: 'evidence/openapi/' })).filter(isType('evidence.recorded'));
  const newest = recorded.toSorted((a, b) => (a.event.data.madeAt < b.event.data.madeAt ? -1 : 1)).at(-1);
  const bytes = newest === undefined ? undefined : await deps.evidence.get(context.scope, newest.event.data.digest);
  if (bytes !== undefined) return { ok: bytes };
  return refuse('evidence-unreadable', 'The run has no OpenAPI document as evidence, and the stage file names no URL of one.');
};

/** The probes of these ids, in the order of the stage file. */
export const probesOf = ({ probes }: Targets, ids: readonly string[]): readonly Probe[] => probes.filter(({ id }) => ids.includes(id));
