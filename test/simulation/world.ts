import type { Stored } from '../../lib/audit/event.ts';
import type { Checklist } from '../../lib/checklist/definition.ts';
import { gateGraphOf, graphDigest } from '../../lib/checklist/gate-graph.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import type { CollectorTask, Dependencies, DueItem, StepAttempt } from '../../lib/ports.ts';
import { fakeRoster, fakeRosterPeople } from '../fakes/services.ts';
import { fakeParts } from '../fakes.ts';
import { shopTargets } from '../way-back.ts';
import { checklists } from './checklists.ts';
import { type Draws, drawsFrom } from './draws.ts';
import { profiles, type Rates } from './faults.ts';
import { createProcesses, type Invoke, type Sabotage } from './processes.ts';
import { createService, type Service } from './service.ts';
import { createTimeline, type Timeline } from './timeline.ts';

export type World = {
  readonly timeline: Timeline;
  readonly draws: Draws;
  readonly checklist: Checklist;
  /** What the stage says about the service. */
  readonly targets: Dependencies['stage']['targets'];
  /** The service that the runs release, as it is. */
  readonly service: Service;
  /** While it lasts no function runs, and nobody gets an answer. */
  readonly outage: Outage | undefined;
  /** Nothing goes wrong any more. */
  isQuiet: boolean;
  rates: Rates;
  /** Every stored event, in the order in which the table took it: what nobody in the simulation can see as a whole. */
  readonly order: Stored[];
  readonly stores: ReturnType<typeof createStores>;
  /** Called for every event that the table took. */
  readonly onInsert: ((stored: Stored) => void)[];
  /** Who delivers what the ports only accept. The functions module fills them in. */
  readonly deliver: {
    reconcile: (run: string, item: DueItem | undefined, also?: readonly DueItem[]) => void;
    schedule: (name: string, when: Date, run: string) => void;
    started: (run: string, execution: string) => void;
    answered: (token: string) => void;
    act: (run: string, attempt: StepAttempt) => void;
    look: (run: string, task: CollectorTask) => void;
  };
  /** What people were told that it counts. */
  readonly promised: {
    readonly cancelled: Set<string>;
    /** Events of triggers. */
    readonly triggered: Set<string>;
    /** Events of decisions about a rollback or its data, and what they said. */
    readonly decided: { readonly run: string; readonly event: string; readonly decision: string }[];
    /** Events by which a person ended a rollback. */
    readonly ended: Set<string>;
    readonly rejected: { readonly run: string; readonly gate: string; readonly round: number; readonly at: number }[];
  };
  readonly violations: Violation[];
  violate(invariant: string, what: string): void;
  say(who: string, what: string): void;
  readonly lines: string[];
  readonly invoke: Invoke;
  faultless(): void;
};
/** In milliseconds of virtual time. */
export type Outage = { readonly from: number; readonly until: number };
export type Violation = { readonly invariant: string; readonly what: string; readonly at: string };

const createStores = (seed: number, checklist: Checklist) => ({
  ...fakeParts({ checklist, graph: graphDigest(gateGraphOf(checklist)), seed: `simulation ${seed}` }),
  roster: fakeRoster(fakeRosterPeople),
});

/** What a stage may say: functions for everything, data that a person decides about or that is kept, decisions by themselves, and little. */
const database = { by: { kind: 'lambda' as const, function: 'shop-restore' }, proof: ['health'] };
const restart = { by: { kind: 'event' as const }, proof: ['health'] };
const stages = [
  shopTargets(),
  shopTargets({ 'restore-database': { ...database, backwardCompatible: false }, 'restart-services': restart }),
  shopTargets({ 'restore-database': { ...database, backwardCompatible: true } }),
  shopTargets({ decideThemselves: ['critical-feature-not-working'], 'restart-services': restart }),
  targetsSchema.parse({ components: [{ component: 'web', platform: { kind: 'reported' } }], probes: [] }),
];

const start = '2026-03-02T08:00:00.000Z';

const hour = 3_600_000;
/** Only where reviews are what the simulation is about, so that the other seeds play what they have always played. Half of them have none. */
const outageOf = (seed: number, checklist: Checklist, now: number): Outage | undefined => {
  const draws = drawsFrom(seed ^ 0x0ff);
  const isReviewed = checklist === checklists.reviews || checklist === checklists.capped;
  if (!isReviewed || draws.chance(0.5)) return undefined;
  const from = now + draws.between(hour, 5 * hour);
  return { from, until: from + draws.between(3 * hour, 9 * hour) };
};

export const createWorld = (seed: number, profile: string, checklist: Checklist, sabotage: Sabotage = {}): World => {
  const timeline = createTimeline(start);
  const draws = drawsFrom(seed);
  const stores = createStores(seed, checklist);
  const lines: string[] = [];
  const say = (who: string, what: string): void => {
    lines.push(`${new Date(timeline.now()).toISOString()} ${who}: ${what}`);
  };
  const rates = profiles[profile];
  if (rates === undefined) throw new Error(`there is no profile ${profile}: use one of ${Object.keys(profiles).join(', ')}`);
  const world: World = {
    timeline,
    draws,
    checklist,
    targets: { shop: { production: drawsFrom(seed ^ 0x7a67).pick(stages) } },
    service: createService(),
    outage: outageOf(seed, checklist, timeline.now()),
    isQuiet: false,
    stores,
    lines,
    say,
    rates,
    order: [],
    onInsert: [],
    promised: { cancelled: new Set(), triggered: new Set(), decided: [], ended: new Set(), rejected: [] },
    violations: [],
    deliver: {
      reconcile: () => undefined,
      schedule: () => undefined,
      started: () => undefined,
      answered: () => undefined,
      act: () => undefined,
      look: () => undefined,
    },
    violate: (invariant, what) => {
      say('VIOLATION', `${invariant}: ${what}`);
      world.violations.push({ invariant, what, at: new Date(timeline.now()).toISOString() });
    },
    invoke: createProcesses(() => world, sabotage),
    faultless: () => {
      world.rates = profiles.calm as Rates;
      world.isQuiet = true;
    },
  };
  return world;
};
