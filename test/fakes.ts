import { type AuthorityKind, authorityKinds } from '../lib/audit/event-definition.ts';
import { createTrail } from '../lib/audit/trail.ts';
import type { Checklist } from '../lib/checklist/definition.ts';
import type { MailText } from '../lib/notification.ts';
import type { Callbacks, Chat, Definitions, Dependencies, LaneStore, Person, ProtectionRules, StageFacts } from '../lib/ports.ts';
import type { EvidenceAddresses, Intake, IntakeObjects, Uploads } from '../lib/uploads.ts';
import { createKeeper, type Keep, keptByItself } from './fakes/kept.ts';
import { fakeProtectionRules } from './fakes/protection-rules.ts';
import {
  type FakeClock,
  fakeActuator,
  fakeAuthority,
  fakeCallbacks,
  fakeChat,
  fakeClock,
  fakeCollector,
  fakeDefinitions,
  fakeMailer,
  fakeNotifications,
  fakePager,
  fakeRandom,
  fakeReconciler,
  fakeRoster,
  fakeRosterPeople,
  fakeSchedules,
  fakeWorkflow,
} from './fakes/services.ts';
import {
  fakeDue,
  fakeEndedSessions,
  fakeEvidence,
  fakeEvidenceAddresses,
  fakeIdempotency,
  fakeIndex,
  fakeLaneStore,
  fakePeople,
  fakeQuotas,
  fakeTokens,
} from './fakes/stores.ts';
import { fakeIntake, fakeUploads } from './fakes/uploads.ts';
import { createFaults, type Faults, watched } from './fakes/watched.ts';

export { fakeMac, fakeRosterPeople } from './fakes/services.ts';
export { fakeEndedSessions } from './fakes/stores.ts';

export type FakeOptions = {
  readonly checklist: Checklist;
  /** Digest of the gate graph. */
  readonly graph: string;
  readonly people?: readonly Person[];
  readonly stage?: Partial<StageFacts>;
  readonly renderNotification?: MailText;
  readonly now?: string;
  /** How much later every reading of the clock is than the one before; 1 by default. */
  readonly tickMs?: number;
  readonly seed?: string;
};

/** Every port in memory, for whoever gives them to callers in another way than `fakeDependencies`. */
export const fakeParts = (options: FakeOptions, keep: Keep = keptByItself) => {
  const random = fakeRandom(options.seed ?? 'holdpoint', keep);
  return {
    clock: fakeClock(options.now ?? '2026-03-02T08:00:00.000Z', options.tickMs ?? 1, keep),
    random,
    store: fakeLaneStore(keep),
    evidence: fakeEvidence(keep),
    downloads: fakeEvidenceAddresses(),
    people: fakePeople(random, keep),
    index: fakeIndex(keep),
    due: fakeDue(keep),
    tokens: fakeTokens(keep),
    workflow: fakeWorkflow(keep),
    reconciler: fakeReconciler(keep),
    schedules: fakeSchedules(keep),
    collector: fakeCollector(keep),
    actuator: fakeActuator(keep),
    pager: fakePager(keep),
    mailer: fakeMailer(keep),
    chat: fakeChat(keep),
    callbacks: fakeCallbacks(keep),
    protectionRules: fakeProtectionRules(keep),
    idempotency: fakeIdempotency(keep),
    sessions: fakeEndedSessions(keep),
    quotas: fakeQuotas(keep),
    uploads: fakeUploads(keep),
    intake: fakeIntake(keep),
    definitions: fakeDefinitions(options.checklist, options.graph, keep(new Map())),
  };
};
export type FakeParts = ReturnType<typeof fakeParts>;

/** What a test may do that no command can. */
export type Controls = Faults &
  FakeParts & {
    readonly clock: FakeClock;
    /** Milliseconds that the trail waited after lost places; nothing really waits. */
    readonly sleeps: readonly number[];
    /** The same dependencies for another caller, whose name the hook of `onCall` gets: for interleaving several callers. It signs for both kinds by default. */
    as(caller: string, signsFor?: readonly AuthorityKind[]): FakeDependencies;
  };
/** `store` is the audit table under `trail`: its calls are `store.insert` and `store.query`. */
export type FakeDependencies = Dependencies & {
  readonly store: LaneStore;
  readonly downloads: EvidenceAddresses;
  readonly uploads: Uploads;
  readonly intake: Intake;
  readonly objects: IntakeObjects;
  readonly controls: Controls;
};

/**
 * Dependencies in memory: deterministic, and breakable at every port call. Calls are named `port.method` after the members of `Dependencies`
 * (`evidence.put`, `workflow.succeed`), and `store.insert` and `store.query` below the trail.
 */
export const fakeDependencies = (options: FakeOptions): FakeDependencies => {
  const keeper = createKeeper();
  const own = fakeParts(options, keeper.keep);
  const faults = createFaults();
  const sleeps: number[] = [];
  const stage: StageFacts = {
    name: 'test',
    waitScale: 1,
    local: false,
    publicUrl: 'https://holdpoint.example.com',
    environments: { shop: ['production', 'staging'], mail: ['production'] },
    targets: {},
    resources: {},
    freezes: {},
    chat: null,
    callbacks: {},
    protectionRules: {},
    commitPages: {},
    ...options.stage,
  };
  const roster = fakeRoster(options.people ?? fakeRosterPeople);
  const as = (caller: string, signsFor: readonly AuthorityKind[] = authorityKinds): FakeDependencies => {
    const watch = <Port extends object>(name: string, port: Port): Port => watched(name, port, faults, caller);
    const store = watch<LaneStore>('store', { insert: own.store.insert, query: own.store.query });
    const trail = createTrail({
      store,
      clock: own.clock,
      random: own.random,
      authority: fakeAuthority(signsFor),
      sleep: async (milliseconds) => {
        sleeps.push(milliseconds);
      },
    });
    return {
      clock: own.clock,
      random: own.random,
      store,
      trail,
      roster,
      stage,
      controls,
      renderNotification: options.renderNotification ?? fakeNotifications,
      definitions: watchedDefinitions(own.definitions, watch),
      evidence: watch('evidence', pick(own.evidence, ['put', 'get'])),
      downloads: watch('downloads', own.downloads),
      people: watch('people', pick(own.people, ['keep', 'read'])),
      index: watch('index', own.index),
      due: watch('due', pick(own.due, ['put', 'done', 'list', 'deadline', 'moveDeadline'])),
      tokens: watch('tokens', pick(own.tokens, ['put', 'get'])),
      workflow: watch('workflow', pick(own.workflow, ['start', 'succeed', 'fail', 'describe'])),
      reconciler: watch('reconciler', pick(own.reconciler, ['request'])),
      schedules: watch('schedules', pick(own.schedules, ['at'])),
      collector: watch('collector', pick(own.collector, ['request'])),
      actuator: watch('actuator', pick(own.actuator, ['request'])),
      pager: watch('pager', pick(own.pager, ['page'])),
      mailer: watch('mailer', pick(own.mailer, ['send'])),
      chat: stage.chat !== null ? watch<Chat>('chat', { tell: own.chat.tell }) : null,
      callbacks: Object.keys(stage.callbacks).length === 0 ? null : watch<Callbacks>('callbacks', { call: own.callbacks.call }),
      protectionRules:
        Object.keys(stage.protectionRules).length === 0
          ? null
          : watch<ProtectionRules>('protectionRules', { answer: own.protectionRules.answer }),
      idempotency: watch('idempotency', own.idempotency),
      sessions: watch('sessions', own.sessions),
      quotas: watch('quotas', pick(own.quotas, ['take'])),
      uploads: watch('uploads', pick(own.uploads, ['open', 'find', 'close'])),
      intake: watch('intake', pick(own.intake, ['address'])),
      objects: watch('objects', pick(own.intake, ['read', 'remove'])),
    };
  };
  const controls: Controls = { ...own, ...faults, sleeps, as };
  const whole = as('test');
  worlds.set(whole, { options: { ...options, stage }, containers: keeper.containers, takeOver: keeper.takeOver });
  return whole;
};

type World = { readonly options: FakeOptions } & Pick<ReturnType<typeof createKeeper>, 'containers' | 'takeOver'>;
const worlds = new WeakMap<FakeDependencies, World>();

/**
 * Another world in the same state, for other callers: its calls are not counted yet, and its processes remember nothing. Undefined for
 * dependencies that a test has put together by itself.
 */
export const copyOf = (deps: FakeDependencies): FakeDependencies | undefined => {
  const world = worlds.get(deps);
  if (world === undefined) return undefined;
  const copy = fakeDependencies(world.options);
  worlds.get(copy)?.takeOver(world.containers);
  return copy;
};

/** The same dependencies as a function has them that may sign for these kinds only: CI, the feed and the opener for none. */
export const signingFor = (signsFor: readonly AuthorityKind[], deps: FakeDependencies): FakeDependencies => ({
  ...deps,
  trail: deps.controls.as('test', signsFor).trail,
});

const pick = <Port extends object, Key extends keyof Port>(port: Port, keys: readonly Key[]): Pick<Port, Key> =>
  Object.fromEntries(keys.map((key) => [key, port[key]])) as Pick<Port, Key>;

/** `current` is code and answers at once; the other two reach for storage. */
const watchedDefinitions = (definitions: Definitions, watch: <Port extends object>(name: string, port: Port) => Port): Definitions => ({
  ...watch('definitions', { read: definitions.read, publish: definitions.publish }),
  current: definitions.current,
});
