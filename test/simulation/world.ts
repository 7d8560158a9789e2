import type { Stored } from '../../lib/audit/event.ts';
import type { AuthorityKind } from '../../lib/audit/event-definition.ts';
import { createTrail } from '../../lib/audit/trail.ts';
import type { Checklist } from '../../lib/checklist/definition.ts';
import { gateGraphOf, graphDigest } from '../../lib/checklist/gate-graph.ts';
import { type FunctionName, factsOf } from '../../lib/lambda-manifest.ts';
import type { Dependencies, DueItem, LaneStore } from '../../lib/ports.ts';
import {
  fakeAuthority,
  fakeDefinitions,
  fakeMailer,
  fakeNotifications,
  fakeRandom,
  fakeRoster,
  fakeRosterPeople,
  fakeWorkflow,
} from '../fakes/services.ts';
import { fakeDue, fakeEvidence, fakeIdempotency, fakeIndex, fakeLaneStore, fakePeople, fakeTokens } from '../fakes/stores.ts';
import { type Draws, drawsFrom } from './draws.ts';
import { fateOf, profiles, type Rates } from './faults.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** What a process came to: an answer, a fault that it threw, or nothing, because it died or ran out of time. */
export type Ended<T> = { readonly ok: T } | { readonly threw: unknown } | { readonly died: true };

export type World = {
  readonly timeline: Timeline;
  readonly draws: Draws;
  readonly checklist: Checklist;
  rates: Rates;
  /** Every stored event, in the order in which the table took it: what nobody in the simulation can see as a whole. */
  readonly order: Stored[];
  readonly stores: ReturnType<typeof createStores>;
  /** Called for every event that the table took. */
  readonly onInsert: ((stored: Stored) => void)[];
  /** Who delivers what the ports only accept. The functions module fills them in. */
  readonly deliver: {
    reconcile: (run: string, item: DueItem | undefined) => void;
    schedule: (name: string, when: Date, run: string) => void;
    started: (run: string, execution: string) => void;
    answered: (token: string) => void;
  };
  /** What people were told that it counts. */
  readonly promised: {
    readonly cancelled: Set<string>;
    readonly rolledBack: Set<string>;
    readonly rejected: { readonly run: string; readonly gate: string; readonly round: number; readonly at: number }[];
  };
  readonly violations: Violation[];
  violate(invariant: string, what: string): void;
  say(who: string, what: string): void;
  readonly lines: string[];
  /** Runs work as a function does: with a clock of its own, within the function's time, possibly to its death. */
  invoke<T>(
    name: FunctionName,
    label: string,
    signsFor: readonly AuthorityKind[],
    work: (deps: Dependencies) => Promise<T>,
  ): Promise<Ended<T>>;
  faultless(): void;
};
export type Violation = { readonly invariant: string; readonly what: string; readonly at: string };

/** How a simulation is broken on purpose, to see that an invariant notices. */
export type Sabotage = {
  readonly store?: (store: LaneStore) => LaneStore;
  readonly deps?: (deps: Dependencies) => Dependencies;
};

const createStores = (seed: number, checklist: Checklist) => {
  const random = fakeRandom(`simulation ${seed}`);
  return {
    random,
    lanes: fakeLaneStore(),
    evidence: fakeEvidence(),
    people: fakePeople(random),
    index: fakeIndex(),
    due: fakeDue(),
    tokens: fakeTokens(),
    workflow: fakeWorkflow(),
    mailer: fakeMailer(),
    idempotency: fakeIdempotency(),
    definitions: fakeDefinitions(checklist, graphDigest(gateGraphOf(checklist))),
    roster: fakeRoster(fakeRosterPeople),
  };
};

type Process = { readonly label: string; dead: boolean; die: () => void };
type Work = (...args: readonly unknown[]) => Promise<unknown>;

const start = '2026-03-02T08:00:00.000Z';
const never = new Promise<never>(() => undefined);

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
    stores,
    lines,
    say,
    rates,
    order: [],
    onInsert: [],
    promised: { cancelled: new Set(), rolledBack: new Set(), rejected: [] },
    violations: [],
    deliver: { reconcile: () => undefined, schedule: () => undefined, started: () => undefined, answered: () => undefined },
    violate: (invariant, what) => {
      say('VIOLATION', `${invariant}: ${what}`);
      world.violations.push({ invariant, what, at: new Date(timeline.now()).toISOString() });
    },
    invoke: (name, label, signsFor, work) => invoke(world, sabotage, { name, label, signsFor }, work),
    faultless: () => {
      world.rates = profiles.calm as Rates;
    },
  };
  return world;
};

const invoke = <T>(
  world: World,
  sabotage: Sabotage,
  { name, label, signsFor }: { readonly name: FunctionName; readonly label: string; readonly signsFor: readonly AuthorityKind[] },
  work: (deps: Dependencies) => Promise<T>,
): Promise<Ended<T>> =>
  new Promise((resolve) => {
    const { timeline } = world;
    const end = (ended: Ended<T>, how: string): void => {
      if (process.dead) return;
      process.dead = true;
      isOver();
      world.say(label, how);
      resolve(ended);
    };
    const process: Process = { label, dead: false, die: () => end({ died: true }, 'died') };
    const isOver = timeline.after(factsOf(name).seconds * 1000, () => end({ died: true }, 'ran out of time'));
    const deps = dependenciesOf(world, process, signsFor, sabotage.store);
    work(sabotage.deps?.(deps) ?? deps).then(
      (ok) => end({ ok }, 'ended'),
      (threw: unknown) => end({ threw }, `threw ${threw instanceof Error ? threw.message : String(threw)}`),
    );
  });

/** One call of a port: a step of the timeline, with its fate. A process that died never hears of it. */
const call = async (world: World, process: Process, name: string, work: Work, args: readonly unknown[]): Promise<unknown> => {
  const { timeline, draws } = world;
  await timeline.sleep(draws.between(1, 15));
  if (process.dead) return never;
  const fate = fateOf(draws, world.rates);
  if (fate === 'stalls before') await timeline.sleep(draws.between(1_000, 150_000));
  if (process.dead) return never;
  const note = fate === 'none' ? '' : ` (${fate})`;
  if (fate === 'dies before' || fate === 'fails before') {
    world.say(process.label, `${name}${note}`);
    return ending(process, fate, name);
  }
  const answer = await work(...args);
  world.say(process.label, `${name}${brief(args)}${note}`);
  if (fate === 'dies after' || fate === 'fails after') return ending(process, fate, name);
  if (fate === 'stalls after') await timeline.sleep(draws.between(1_000, 150_000));
  return process.dead ? never : answer;
};

const ending = (process: Process, fate: string, name: string): Promise<never> => {
  if (fate.startsWith('fails')) throw new Error(`${name} failed (simulated)`);
  process.die();
  return never;
};

/** What a trace shows of a call: the event that it stores, or its first argument. */
const brief = ([first]: readonly unknown[]): string => {
  if (typeof first === 'string') return ` ${first.slice(0, 60)}`;
  const stored = first as Partial<Stored> | null | undefined;
  if (stored?.event !== undefined) return ` ${stored.event.lane} ${stored.event.seq} ${stored.event.type}`;
  return '';
};

const dependenciesOf = (world: World, process: Process, signsFor: readonly AuthorityKind[], sabotaged: Sabotage['store']): Dependencies => {
  const { stores, timeline, draws } = world;
  const watch = <Port extends object>(name: string, port: Port, methods: readonly (keyof Port & string)[]): Port =>
    Object.fromEntries(
      methods.map((method) => [
        method,
        (...args: readonly unknown[]) => call(world, process, `${name}.${method}`, port[method] as Work, args),
      ]),
    ) as Port;
  const skew = draws.between(-world.rates.skewMs, world.rates.skewMs);
  const clock = { now: () => new Date(timeline.now() + skew) };
  const inserting: LaneStore = {
    query: stores.lanes.query,
    insert: async (stored) => {
      const answer = await stores.lanes.insert(stored);
      if (answer === 'inserted') {
        world.order.push(stored);
        for (const heard of world.onInsert) heard(stored);
      }
      return answer;
    },
  };
  const store = watch<LaneStore>('store', sabotaged?.(inserting) ?? inserting, ['insert', 'query']);
  const { workflow } = stores;
  return {
    clock,
    random: stores.random,
    trail: createTrail({ store, clock, random: stores.random, authority: fakeAuthority(signsFor), sleep: timeline.sleep }),
    roster: stores.roster,
    renderNotification: fakeNotifications,
    stage: {
      name: 'simulation',
      waitScale: 1,
      local: false,
      publicUrl: 'https://holdpoint.example.com',
      environments: { shop: ['production'] },
    },
    definitions: { ...watch('definitions', stores.definitions, ['read', 'publish']), current: stores.definitions.current },
    evidence: watch('evidence', stores.evidence, ['put', 'get']),
    people: watch('people', stores.people, ['keep', 'read']),
    index: watch('index', stores.index, ['put', 'get', 'list', 'open', 'claim', 'putLink', 'getLink']),
    due: watch('due', stores.due, ['put', 'done', 'list', 'deadline', 'moveDeadline']),
    tokens: watch('tokens', stores.tokens, ['put', 'get']),
    idempotency: watch('idempotency', stores.idempotency, ['begin', 'finish', 'release']),
    mailer: watch('mailer', stores.mailer, ['send']),
    workflow: watch(
      'workflow',
      {
        start: async (run: string, input: object) => {
          const known = stores.workflow.executions.has(`execution/${run}`);
          const started = await workflow.start(run, input);
          if (!known) world.deliver.started(run, started.execution);
          return started;
        },
        succeed: async (token: string, output: object) => heard(world, token, await workflow.succeed(token, output)),
        fail: async (token: string, error: string, cause: string) => heard(world, token, await workflow.fail(token, error, cause)),
        describe: workflow.describe,
      },
      ['start', 'succeed', 'fail', 'describe'],
    ),
    reconciler: watch('reconciler', { request: async (run: string, item?: DueItem) => world.deliver.reconcile(run, item) }, ['request']),
    schedules: watch(
      'schedules',
      { at: async (name: string, when: Date, { run }: { readonly run: string }) => world.deliver.schedule(name, when, run) },
      ['at'],
    ),
  };
};

const heard = (world: World, token: string, answer: 'sent' | 'closed'): 'sent' | 'closed' => {
  if (answer === 'sent') world.deliver.answered(token);
  return answer;
};
