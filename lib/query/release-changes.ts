import { byLane } from '../audit/event.ts';
import type { PinnedProfile } from '../audit/events/profile.ts';
import { lanes, scopes } from '../audit/lane.ts';
import { canonical } from '../canonical-json.ts';
import { commitPage } from '../checklist/commit-pages.ts';
import { type SaidDeviation, saidIn } from '../checklist/definition-diff.ts';
import type { Finding } from '../evaluation/finding.ts';
import type { Artifact } from '../fields.ts';
import { liveIn } from '../folds/environment.ts';
import { IntegrityFault } from '../outcome.ts';
import type { Dependencies } from '../ports.ts';
import { readTail } from '../run/state/environment.ts';
import { findingFrom } from '../run/state/findings.ts';
import { foldGates } from '../run/state/gate-entries.ts';
import { seenOfRun } from '../run/state/lane-heads.ts';
import { type RunContext, readContext } from '../run/state/run-context.ts';
import { deliveredSettlement } from './gate-view.ts';
import type { RunView } from './view.ts';

/** A release that people are asked about. */
export type Asked = {
  readonly run: string;
  readonly service: string;
  readonly environment: string;
  readonly commit: string;
  readonly artifacts: readonly Artifact[];
  readonly definition: RunView['definition'];
  readonly profile: { readonly digest: string; readonly startedAs: PinnedProfile['state'] } | null;
  readonly deviations: readonly SaidDeviation[];
  readonly gates: readonly { readonly id: string; readonly checks: readonly Finding[] }[];
};

type Judged = Pick<Finding, 'verdict' | 'basis'>;
export type ChangedCheck = {
  readonly check: string;
  readonly title: string;
  /** Null where the checklist of that release does not have the check. */
  readonly was: Judged | null;
  readonly is: Judged | null;
};
export type ChangedComponent = { readonly component: string; readonly was: string | null; readonly is: string | null };

export type ReleaseChanges =
  /** There is no version to compare with, or one that people adopted: no run says anything about it. */
  | { readonly state: 'none'; readonly version: string | null }
  /** Its trail is damaged, or its checklist is gone. */
  | { readonly state: 'unreadable'; readonly run: string; readonly version: string }
  | {
      readonly state: 'compared';
      readonly run: string;
      readonly version: string;
      /** Of another commit: that one. */
      readonly commit: string | null;
      /** Where its code host shows that commit. */
      readonly commitPage: string | null;
      readonly components: readonly ChangedComponent[];
      readonly componentsInAll: number;
      /** Checks of the report whose verdict or basis is another one. */
      readonly checks: readonly ChangedCheck[];
      readonly checksInAll: number;
      /** Of another checklist: that one. */
      readonly definition: { readonly name: string; readonly version: string; readonly digest: string } | null;
      /** Digests of the profiles, where they are not the same. */
      readonly profile: { readonly was: string | null; readonly is: string | null } | null;
      readonly deviations: { readonly added: readonly SaidDeviation[]; readonly removed: readonly SaidDeviation[] };
    };

/**
 * What is different from the version that was live in the environment before this release. It reads the end of the environment's lane
 * `live`, and of the run that released that version its own lane, its gates and deployment, and the checks of the gates that the report
 * covers.
 */
export const readReleaseChanges = async (
  deps: Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'stage'>,
  asked: Asked,
): Promise<ReleaseChanges> => {
  const live = liveIn(await readTail(deps, scopes.environment(asked.service, asked.environment), lanes.live));
  const last = live.findLast((one) => one.run !== asked.run);
  if (last === undefined || last.level === 'withdraw') return { state: 'none', version: null };
  const { run, version } = last;
  if (run === null) return { state: 'none', version };
  try {
    const found = await readContext(deps, run);
    return found.refused === undefined
      ? { state: 'compared', run, version, ...(await compared(deps, asked, found.ok)) }
      : { state: 'unreadable', run, version };
  } catch (fault) {
    if (fault instanceof IntegrityFault) return { state: 'unreadable', run, version };
    throw fault;
  }
};

type Compared = Omit<Extract<ReleaseChanges, { readonly state: 'compared' }>, 'state' | 'run' | 'version'>;

const compared = async (
  deps: Pick<Dependencies, 'trail' | 'clock' | 'stage'>,
  { gates, ...asked }: Asked,
  before: RunContext,
): Promise<Compared> => {
  const { commit, artifacts, definition, profile } = before.started.event.data;
  const { checklist } = before;
  const was = await findingsOf(
    deps,
    before,
    gates.map(({ id }) => id),
  );
  const now = gates.flatMap(({ checks }) => checks);
  const components = [...new Set([...asked.artifacts, ...artifacts].map(({ component }) => component))];
  const digestIn = (all: readonly Artifact[], name: string): string | null =>
    all.find(({ component }) => component === name)?.digest ?? null;
  const said = checklist.deviations.map((one) => saidIn(checklist, one));
  const profiles = { was: profile?.digest ?? null, is: asked.profile?.digest ?? null };
  return {
    commit: commit === asked.commit ? null : commit,
    commitPage: commitPage(deps.stage, before.started.event),
    components: components
      .map((component) => ({ component, was: digestIn(artifacts, component), is: digestIn(asked.artifacts, component) }))
      .filter((one) => one.was !== one.is),
    componentsInAll: components.length,
    checks: changedChecks(was, now),
    checksInAll: now.length,
    definition: definition === asked.definition.digest ? null : { name: checklist.name, version: checklist.version, digest: definition },
    profile: profiles.was === profiles.is ? null : profiles,
    deviations: { added: without(asked.deviations, said), removed: without(said, asked.deviations) },
  };
};

const without = (all: readonly SaidDeviation[], others: readonly SaidDeviation[]): readonly SaidDeviation[] =>
  all.filter((one) => !others.some((other) => canonical(other) === canonical(one)));

/** Each check of these gates as its gate judged it when it passed, by what had been read of its lane; of a gate that has not, as it stands. */
const findingsOf = async (
  { trail, clock }: Pick<Dependencies, 'trail' | 'clock'>,
  context: RunContext,
  gates: readonly string[],
): Promise<readonly Finding[]> => {
  const { scope, checklist } = context;
  // Before the checks: a settlement vouches for what it was judged on, and KMS is not asked about each event (audit/verifier.ts).
  const ofGates = await trail.read(scope, { prefix: lanes.gates });
  const [deployment, ...checks] = await Promise.all([
    trail.read(scope, { lane: lanes.deployment }),
    ...gates.map((gate) => trail.read(scope, { prefix: lanes.checksOf(gate) })),
  ]);
  const folded = foldGates(ofGates);
  const groups = byLane(checks.flat());
  return checklist.items.flatMap((item) => {
    if (item.gate === null || !gates.includes(item.gate)) return [];
    const settled = deliveredSettlement(folded, item.gate);
    const own = groups.get(lanes.check(item.gate, item.id)) ?? [];
    if (settled === undefined) return [findingFrom(item, own, context, { now: clock.now(), deployment })];
    const seen = seenOfRun({ event: settled });
    const judgedOn = own.filter(({ event: { lane, seq } }) => seq <= (seen.get(lane) ?? 0));
    return [findingFrom(item, judgedOn, context, { now: new Date(settled.at) })];
  });
};

const changedChecks = (was: readonly Finding[], now: readonly Finding[]): readonly ChangedCheck[] => {
  const before = new Map(was.map((finding) => [finding.check, finding]));
  const judged = (finding: Finding | undefined): Judged | null =>
    finding === undefined ? null : { verdict: finding.verdict, basis: finding.basis };
  const changed = now
    .map((finding) => ({ check: finding.check, title: finding.title, was: judged(before.get(finding.check)), is: judged(finding) }))
    .filter((one) => one.was === null || one.was.verdict !== one.is?.verdict || one.was.basis !== one.is.basis);
  const gone = was
    .filter(({ check }) => !now.some((finding) => finding.check === check))
    .map((finding) => ({ check: finding.check, title: finding.title, was: judged(finding), is: null }));
  return [...changed, ...gone];
};
