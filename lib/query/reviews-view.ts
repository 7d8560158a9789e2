import { byLane, isType, type Stored } from '../audit/event.ts';
import { lanes } from '../audit/lane.ts';
import { checksOf, type Gate, gatesOf } from '../checklist/definition.ts';
import { type Threshold, thresholdsOf, titlesIn } from '../checklist/thresholds.ts';
import type { Finding } from '../evaluation/finding.ts';
import { lastIncident } from '../folds/observations.ts';
import { type Outcome, ok } from '../outcome.ts';
import type { Dependencies } from '../ports.ts';
import type { StoredFacts } from '../registry/evidence.ts';
import { kindOf } from '../registry/rules.ts';
import { readFacts } from '../registry/stored-facts.ts';
import { capOf } from '../run/gates/review-cap.ts';
import { foldGates } from '../run/state/gate-entries.ts';
import { finishedAt, type GateInputs, gateInputsOf, stableSince, windowEndsAt } from '../run/state/gate-inputs.ts';
import { type RunContext, scaledMs } from '../run/state/run-context.ts';
import { ownersOfWords, readWords, type Words } from '../run/state/words.ts';
import { drawnOf, isDrawn } from './drawn-window.ts';
import { type Chart, chartsOf, type Interval, type Line, type Report, reportsIn } from './review-charts.ts';
import { readView } from './run-view.ts';
import { looksOf, type ProbeLooks, type SeenView, seenIn, shownOf } from './seen-view.ts';
import type { GateView, RunView } from './view.ts';

/** The monitoring and the reviews of a run: each window with what was measured and seen in it. */
export type ReviewsView = {
  readonly run: RunView;
  readonly windows: readonly ReviewWindow[];
  /** The observations that are listed, the most important first; bad ones have numbers. */
  readonly seen: readonly SeenView[];
  readonly seenLeftOut: number;
  readonly asOf: string;
  /** Since when observations count; null before the deployment has finished. */
  readonly finishedAt: string | null;
  readonly words: ReadonlyMap<string, Words>;
};

export type ReviewWindow = {
  readonly gate: GateView;
  readonly anchor: 'deployment.finished' | 'stable-since';
  /** As long as it lasts on this stage, in seconds. */
  readonly seconds: number;
  readonly begins: string | null;
  readonly ends: string | null;
  /** Seconds of the window that are over. */
  readonly passedSeconds: number;
  /** The incident that started it anew. */
  readonly anew: { readonly observation: string; readonly kind: string; readonly subject: string } | null;
  /** Until when incidents can start it anew. */
  readonly cap: string | null;
  readonly lines: readonly { readonly finding: Finding; readonly thresholds: readonly Threshold[]; readonly feeds: readonly string[] }[];
  /** What is drawn; null before the window begins. */
  readonly drawn: Interval | null;
  readonly charts: readonly Chart[];
  readonly reportsLeftOut: number;
  /** The series that its checks name and of which nothing was measured in it. */
  readonly unmeasured: readonly string[];
  /** What was seen in it: the bad ones for the picture, and how many there were. */
  readonly bad: readonly SeenView[];
  readonly badLeftOut: number;
  readonly counts: {
    readonly all: number;
    readonly bad: number;
    readonly open: number;
    readonly alarms: number;
    readonly falseAlarms: number;
  };
  /** How many observations there were in each stretch of time. */
  readonly rate: readonly (Interval & { readonly all: number; readonly bad: number })[];
  readonly probes: readonly ProbeLooks[];
};

type Reader = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'stage' | 'people' | 'evidence'>;

/** A picture has room for so many marks. */
const mostMarks = 60;

/** `isShownWords`: people who hold a role see what people wrote. */
export const readReviews = async (deps: Reader, run: string, isShownWords: boolean): Promise<Outcome<ReviewsView>> => {
  const found = await readView(deps, run);
  if (found.refused) return found;
  const { view, events, context } = found.ok;
  const seen = seenIn(events, context);
  const material = materialOf(context, events, { now: deps.clock.now(), view, seen });
  const outlines = gatesOf(context.checklist)
    .filter(({ window }) => window !== null)
    .map((gate) => outlineOf(gate, material))
    .map((outline, _, all) => ({ ...outline, found: foundIn(outline, all, material) }));
  const facts = await factsOf(
    deps,
    context.scope,
    events,
    outlines.flatMap(({ found: { reports } }) => reports),
  );
  const shown = shownOf(seen);
  const digests = shown.flatMap(({ words, explanation, announced }) => [words ?? [], explanation ?? [], announced?.reason ?? []].flat());
  return ok({
    run: view,
    windows: outlines.map((outline) => windowOf(outline, material, facts)),
    seen: shown,
    seenLeftOut: seen.length - shown.length,
    asOf: material.now.toISOString(),
    finishedAt: material.finished ?? null,
    words: isShownWords ? await readWords(deps.people, ownersOfWords(run, view.service), digests) : new Map(),
  });
};

type Material = {
  readonly context: RunContext;
  readonly view: RunView;
  readonly seen: readonly SeenView[];
  readonly events: readonly Stored[];
  readonly measurement: readonly Stored[];
  readonly inputsOf: (gate: Gate) => GateInputs;
  readonly finished: string | undefined;
  readonly now: Date;
};

const materialOf = (
  context: RunContext,
  events: readonly Stored[],
  { now, view, seen }: Pick<Material, 'now' | 'view' | 'seen'>,
): Material => {
  const groups = byLane(events);
  const gates = foldGates(events.filter(({ event }) => event.lane.startsWith(lanes.gates)));
  const inputsOf = (gate: Gate): GateInputs =>
    gateInputsOf(context, gates, gate.id, groups, { now, holding: null, live: null, profile: null });
  const deployment = groups.get(lanes.deployment) ?? [];
  return {
    context,
    view,
    seen,
    events,
    measurement: groups.get(lanes.measurement) ?? [],
    inputsOf,
    finished: finishedAt({ deployment, context }),
    now,
  };
};

/** When the window is, and which reports belong to it. */
type Outline = {
  readonly gate: Gate;
  readonly inputs: GateInputs;
  readonly begins: string | undefined;
  readonly ends: number | undefined;
  readonly drawn: Interval | null;
  readonly lines: readonly Line[];
};
type Found = { readonly found: ReturnType<typeof reportsIn> };

/** The reports of the series that the checks of the window name; where they name none, of those that the checks of the other windows name. */
const foundIn = ({ drawn, lines }: Outline, all: readonly Outline[], { measurement }: Material): Found['found'] => {
  const named = (some: readonly Line[]): readonly string[] => some.flatMap((line) => line.drawn.series);
  const own = named(lines);
  const names = new Set(own.length > 0 ? own : named(all.flatMap((one) => one.lines)));
  return drawn === null ? { reports: [], leftOut: 0 } : reportsIn(measurement, names, drawn);
};

const outlineOf = (gate: Gate, { context, inputsOf, finished, now, view, seen, measurement }: Material): Outline => {
  const inputs = inputsOf(gate);
  const shown = view.gates.find(({ id }) => id === gate.id);
  const begins = gate.window?.anchor === 'stable-since' ? stableSince(inputs) : finished;
  const ends = begins === undefined ? undefined : windowEndsAt(inputs, gate);
  const settled = shown?.settledAt ?? null;
  // What came after the decision did not count for it.
  const last = settled === null ? now.getTime() : Date.parse(settled);
  const isAsked = (id: string): boolean => shown?.checks.find(({ check }) => check === id)?.verdict !== 'not-applicable';
  const lines = checksOf(context.checklist, gate.id).flatMap(({ id, title, rule }) => {
    const judged = rule === null || !isAsked(id) ? undefined : kindOf(rule).drawn(rule);
    return judged === undefined ? [] : [{ check: title, drawn: judged }];
  });
  // While an alarm is red no window runs: what happens meanwhile is drawn from the deployment on.
  const first = begins ?? finished;
  const drawn =
    first === undefined
      ? null
      : drawnOf({ from: Date.parse(first), to: last }, ends, {
          seen,
          measurement,
          series: lines.flatMap((line) => line.drawn.series),
        });
  return {
    gate,
    inputs,
    begins,
    ends,
    drawn,
    lines,
  };
};

const factsOf = async (
  { evidence }: Pick<Dependencies, 'evidence'>,
  scope: string,
  events: readonly Stored[],
  reports: readonly Report[],
): Promise<ReadonlyMap<string, StoredFacts>> => {
  const wanted = new Set(reports.map(({ figures }) => figures.evidence));
  const recorded = events.filter(isType('evidence.recorded')).filter(({ event }) => wanted.has(event.id));
  const found = await Promise.all(
    recorded.map(async ({ event }) => {
      const bytes = await evidence.get(scope, event.data.facts);
      return bytes === undefined ? [] : [[event.id, readFacts(bytes)] as const];
    }),
  );
  return new Map(found.flat());
};

const windowOf = (
  outline: Outline & Found,
  { context, view, measurement, finished, now, seen }: Material,
  facts: ReadonlyMap<string, StoredFacts>,
): ReviewWindow => {
  const { gate, inputs, begins, ends, drawn, lines, found } = outline;
  const shown = view.gates.find(({ id }) => id === gate.id);
  const incident =
    gate.window?.anchor === 'stable-since' && finished !== undefined && begins !== finished
      ? lastIncident(finished, inputs.observation)
      : undefined;
  const start = begins === undefined ? undefined : Date.parse(begins);
  const watched =
    start === undefined || ends === undefined || now.getTime() <= start ? null : { from: start, to: Math.min(now.getTime(), ends) };
  const charts = drawn === null ? [] : chartsOf({ lane: measurement, lines, reports: found.reports, facts, window: drawn, watched });
  const within = drawn === null ? [] : seen.filter((one) => isDrawn(one, drawn, now));
  const bad = within.filter((one) => one.bad);
  const counting = within.filter(({ notCounted }) => notCounted === null);
  const alarms = counting.filter((one) => one.bad && one.kind === 'alarm');
  return {
    gate: shown ?? unopened(gate),
    anchor: gate.window?.anchor ?? 'deployment.finished',
    seconds: scaledMs(gate.window?.seconds ?? 0, context.started.event.data.waitScale) / 1000,
    begins: begins ?? null,
    ends: ends === undefined ? null : new Date(ends).toISOString(),
    passedSeconds: watched === null ? 0 : Math.floor((watched.to - watched.from) / 1000),
    anew: incident === undefined ? null : { observation: incident.observation, kind: incident.kind, subject: incident.subject },
    cap: capOf(inputs, gate)?.at.toISOString() ?? null,
    lines: linesOf(context, gate, shown),
    drawn,
    charts,
    reportsLeftOut: found.leftOut,
    unmeasured: [...new Set(lines.flatMap((line) => line.drawn.series))].filter((name) => !charts.some(({ series }) => series === name)),
    bad: bad.slice(-mostMarks),
    badLeftOut: Math.max(0, bad.length - mostMarks),
    counts: {
      all: counting.length,
      bad: counting.filter((one) => one.bad).length,
      open: counting.filter((one) => one.bad && one.label === null).length,
      alarms: alarms.length,
      falseAlarms: alarms.filter(({ label }) => label === 'false').length,
    },
    rate: drawn === null ? [] : rateOf(within, { from: start ?? drawn.from, to: drawn.to }),
    probes: drawn === null ? [] : looksOf(measurement, drawn),
  };
};

/** A gate that this checklist has and the view does not show. */
const unopened = ({ id, title }: Gate): GateView => ({
  id,
  title,
  phase: null,
  state: 'ahead',
  openedAt: null,
  settledAt: null,
  due: null,
  reasons: [],
  checks: [],
  approvals: [],
  earlier: [],
  regressions: [],
  interrupted: null,
});

const linesOf = ({ checklist }: RunContext, gate: Gate, shown: GateView | undefined): ReviewWindow['lines'] => {
  const titleOf = titlesIn(checklist);
  return (shown?.checks ?? []).map((finding) => {
    const item = checksOf(checklist, gate.id).find(({ id }) => id === finding.check);
    const kind = item?.rule == null ? undefined : kindOf(item.rule);
    return {
      finding,
      thresholds: thresholdsOf(item?.rule ?? null, titleOf),
      feeds: kind?.evidence === null ? kind.lanes : [kind?.evidence ?? []].flat(),
    };
  });
};

/** Seconds of a stretch. By the hour; of a window that is shorter than a day, of which there are four hours or that a stage shortens, less. */
const steps = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 3600] as const;
const mostSteps = 24;

const rateOf = (within: readonly SeenView[], { from, to }: Interval): ReviewWindow['rate'] => {
  const length = Math.max(1, to - from);
  const step = (steps.find((seconds) => length / (seconds * 1000) <= mostSteps) ?? 3600) * 1000;
  return Array.from({ length: Math.min(200, Math.ceil(length / step)) }, (_, place) => {
    const own = { from: from + place * step, to: Math.min(to, from + (place + 1) * step) };
    const inside = within.filter(({ seenAt }) => Date.parse(seenAt) >= own.from && Date.parse(seenAt) < own.to);
    return { ...own, all: inside.length, bad: inside.filter((one) => one.bad).length };
  });
};
