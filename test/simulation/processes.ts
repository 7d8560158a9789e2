import type { Stored } from '../../lib/audit/event.ts';
import type { AuthorityKind } from '../../lib/audit/event-definition.ts';
import { createTrail } from '../../lib/audit/trail.ts';
import { type FunctionName, factsOf } from '../../lib/lambda-manifest.ts';
import type { CollectorTask, Dependencies, DueItem, LaneStore, StepAttempt } from '../../lib/ports.ts';
import { fakeAuthority, fakeNotifications } from '../fakes/services.ts';
import { fateOf } from './faults.ts';
import type { World } from './world.ts';

/** What a process came to: an answer, a fault that it threw, or nothing, because it died or ran out of time. */
export type Ended<T> = { readonly ok: T } | { readonly threw: unknown } | { readonly died: true };

/** Runs work as a function does: in a container with a clock of its own, within the function's time, possibly to its death. */
export type Invoke = <T>(
  name: FunctionName,
  label: string,
  signsFor: readonly AuthorityKind[],
  work: (deps: Dependencies) => Promise<T>,
) => Promise<Ended<T>>;

/** How a simulation is broken on purpose, to see that an invariant notices. */
export type Sabotage = {
  readonly store?: (store: LaneStore) => LaneStore;
  readonly deps?: (deps: Dependencies) => Dependencies;
};

type Process = { readonly label: string; dead: boolean; die: () => void };
/** What Lambda keeps between invocations: the dependencies, their clock, and what the trail remembers as verified. */
type Container = { process: Process; readonly deps: Dependencies };
type Work = (...args: readonly unknown[]) => Promise<unknown>;

const idle: Process = { label: 'idle', dead: true, die: () => undefined };
const never = new Promise<never>(() => undefined);

export const createProcesses = (worldOf: () => World, sabotage: Sabotage): Invoke => {
  /** Containers that wait for their next invocation, by function. A container that died or ran out of time is gone. */
  const waiting = new Map<FunctionName, Container[]>();
  return <T>(name: FunctionName, label: string, signsFor: readonly AuthorityKind[], work: (deps: Dependencies) => Promise<T>) =>
    new Promise<Ended<T>>((resolve) => {
      const world = worldOf();
      const { outage } = world;
      if (outage !== undefined && world.timeline.now() >= outage.from && world.timeline.now() < outage.until) {
        world.say(label, 'everything is down');
        return resolve({ died: true });
      }
      const pool = waiting.get(name) ?? [];
      waiting.set(name, pool);
      const container = pool.pop() ?? createContainer(world, signsFor, sabotage);
      const end = (ended: Ended<T>, how: string): void => {
        if (process.dead) return;
        process.dead = true;
        isOver();
        if (!('died' in ended)) pool.push(container);
        world.say(label, how);
        resolve(ended);
      };
      const process: Process = { label, dead: false, die: () => end({ died: true }, 'died') };
      container.process = process;
      const isOver = world.timeline.after(factsOf(name).seconds * 1000, () => end({ died: true }, 'ran out of time'));
      work(container.deps).then(
        (ok) => end({ ok }, 'ended'),
        (threw: unknown) => end({ threw }, `threw ${threw instanceof Error ? threw.message : String(threw)}`),
      );
    });
};

const createContainer = (world: World, signsFor: readonly AuthorityKind[], sabotage: Sabotage): Container => {
  const container: { process: Process; deps?: Dependencies } = { process: idle };
  const deps = dependenciesOf(world, () => container.process, signsFor, sabotage.store);
  container.deps = sabotage.deps?.(deps) ?? deps;
  return container as Container;
};

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

const dependenciesOf = (
  world: World,
  process: () => Process,
  signsFor: readonly AuthorityKind[],
  sabotaged: Sabotage['store'],
): Dependencies => {
  const { stores, timeline, draws } = world;
  const watch = <Port extends object>(name: string, port: Port, methods: readonly (keyof Port & string)[]): Port =>
    Object.fromEntries(
      methods.map((method) => [
        method,
        (...args: readonly unknown[]) => call(world, process(), `${name}.${method}`, port[method] as Work, args),
      ]),
    ) as Port;
  const skew = draws.between(-world.rates.skewMs, world.rates.skewMs);
  const clock = { now: () => new Date(timeline.now() + skew) };
  const inserting: LaneStore = {
    query: stores.store.query,
    insert: async (stored) => {
      const answer = await stores.store.insert(stored);
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
      freezes: {},
      chat: null,
      callbacks: {},
      protectionRules: {},
      commitPages: {},
      environments: { shop: ['production'] },
      targets: world.targets,
      resources: {},
    },
    definitions: { ...watch('definitions', stores.definitions, ['read', 'publish']), current: stores.definitions.current },
    evidence: watch('evidence', stores.evidence, ['put', 'get']),
    people: watch('people', stores.people, ['keep', 'read']),
    index: watch('index', stores.index, ['put', 'get', 'list', 'open', 'claim', 'putLink', 'getLink']),
    due: watch('due', stores.due, ['put', 'done', 'list', 'deadline', 'moveDeadline']),
    tokens: watch('tokens', stores.tokens, ['put', 'get']),
    idempotency: watch('idempotency', stores.idempotency, ['begin', 'finish', 'release']),
    sessions: stores.sessions,
    quotas: watch('quotas', stores.quotas, ['take']),
    chat: null,
    callbacks: null,
    protectionRules: null,
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
    reconciler: watch(
      'reconciler',
      { request: async (run: string, item?: DueItem, also?: readonly DueItem[]) => world.deliver.reconcile(run, item, also) },
      ['request'],
    ),
    collector: watch('collector', { request: async (run: string, task: CollectorTask) => world.deliver.look(run, task) }, ['request']),
    actuator: watch('actuator', { request: async (run: string, attempt: StepAttempt) => world.deliver.act(run, attempt) }, ['request']),
    pager: watch('pager', stores.pager, ['page']),
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
