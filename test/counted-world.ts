import { toItem } from '../lambdas/adapters/dynamo-lane-store.ts';
import type { Stored } from '../lib/audit/event.ts';
import { type AuthorityKind, authorityKinds } from '../lib/audit/event-definition.ts';
import type { LaneRange } from '../lib/audit/lane-range.ts';
import { createTrail } from '../lib/audit/trail.ts';
import type { FunctionName } from '../lib/lambda-manifest.ts';
import { itemBytes } from '../lib/local/item-size.ts';
import type { BilledCounts } from '../lib/local/prices.ts';
import type { AuditTrail, Authority, RunSummary } from '../lib/ports.ts';
import { fakeAuthority } from './fakes/services.ts';
import type { FakeDependencies } from './fakes.ts';
import { approvalPage } from './story.ts';

type Piece = 'writeUnits' | 'readUnits' | 'keyRequests' | 'objectsWritten' | 'objectsRead' | 'schedules' | 'mails' | 'pages';
/** What a story in memory used, by AWS's own units, how often it called which function, and how many reports CI sent. */
export type WorldCounts = Pick<BilledCounts, Piece> & {
  readonly functions: Readonly<Partial<Record<FunctionName, number>>>;
  readonly reports: number;
};
type Counts = Record<Piece, number> & { readonly functions: Partial<Record<FunctionName, number>> };
/** What each operation used: `port.method`, or `authority.sign` and `authority.verify`. */
export type Operations = ReadonlyMap<string, Readonly<Record<Piece, number>>>;

const pieces = ['writeUnits', 'readUnits', 'keyRequests', 'objectsWritten', 'objectsRead', 'schedules', 'mails', 'pages'] as const;
const none = (): Record<Piece, number> => Object.fromEntries(pieces.map((piece) => [piece, 0])) as Record<Piece, number>;
const addTo = (sum: Record<Piece, number>, more: Readonly<Record<Piece, number>>): void => {
  for (const piece of pieces) sum[piece] += more[piece];
};

/** Lambda keeps a process that was called in the last minutes; it remembers what it has verified. Milliseconds. */
const warmMs = 5 * 60_000;

/** What one call of a port costs in its adapter on AWS. A port without a rule makes the story fail: what is not counted is not free. */
type Rule = (counts: Counts, args: readonly never[], deps: FakeDependencies) => void | Promise<void>;

const writes = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));
const reads = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4096));
const called = ({ functions }: Counts, name: FunctionName): void => {
  functions[name] = (functions[name] ?? 0) + 1;
};
const adds =
  (piece: Piece, count = 1): Rule =>
  (counts) => {
    counts[piece] += count;
  };
const free: Rule = () => undefined;
/** A task token of Step Functions has up to 2,048 characters; those of the fakes are short. */
const tokenUnits = 2;

/** Pointers to a run are written when it starts and when it ends, and noted in its summary: four more writes. */
const summaryRule = (): Rule => {
  const pointers = new Map<string, boolean>();
  return (counts, [summary]: readonly RunSummary[]) => {
    if (summary === undefined) return;
    const units = writes(Buffer.byteLength(JSON.stringify(summary)) + 100);
    const isOpen = summary.outcome === null;
    counts.writeUnits += units + (pointers.get(summary.run) === isOpen ? 0 : 3 + units);
    pointers.set(summary.run, isOpen);
  };
};

/** A schedule of a name that there is already stays as it is, and fires once. */
const scheduleRule = (): Rule => {
  const names = new Set<unknown>();
  return (counts, [name]: readonly unknown[]) => {
    if (names.has(name)) return;
    names.add(name);
    counts.schedules += 1;
    called(counts, 'event-reconciler');
  };
};

const ruleOf = (): Readonly<Record<string, Rule>> => ({
  'store.insert': (counts, [stored]: readonly Stored[]) => {
    counts.writeUnits += stored === undefined ? 1 : writes(itemBytes(toItem(stored)));
  },
  'store.query': async (counts, args, { controls }) => {
    const [scope, range] = args as unknown as readonly [string, LaneRange];
    const found = await controls.store.query(scope, range);
    counts.readUnits += reads(found.reduce((sum, stored) => sum + itemBytes(toItem(stored)), 0));
  },
  'index.put': summaryRule(),
  'index.get': adds('readUnits'),
  // A page of one environment's runs.
  'index.list': adds('readUnits'),
  'index.open': async (counts, args, { controls }) => {
    const [service, environment, reading, without] = args as unknown as Parameters<FakeDependencies['index']['open']>;
    const runs = (await controls.index.open(service, environment, reading, without)).length;
    // The query of the watch comes every minute, whether there are runs or not; what it reads of a run is half a unit.
    counts.readUnits += reading === 'may-lag' ? runs / 2 : 1 + runs;
  },
  'index.claim': adds('writeUnits'),
  'index.putLink': adds('writeUnits'),
  'index.getLink': adds('readUnits'),
  'due.put': adds('writeUnits'),
  'due.done': adds('writeUnits'),
  'due.deadline': adds('readUnits'),
  'due.moveDeadline': adds('writeUnits'),
  'due.list': adds('readUnits'),
  // A key of ours encrypts the table, and DynamoDB asks KMS for it after five minutes: most gates are further apart than the story's.
  'tokens.put': (counts) => {
    counts.writeUnits += tokenUnits;
    counts.keyRequests += 1;
    called(counts, 'gate-opener');
  },
  'tokens.get': (counts) => {
    counts.readUnits += 1;
    counts.keyRequests += 1;
  },
  'people.keep': (counts, args) => {
    counts.writeUnits += writes(Buffer.byteLength(String((args as readonly unknown[])[1])) + 200);
  },
  'people.read': (counts, args) => {
    counts.readUnits += ((args as readonly unknown[])[0] as readonly string[]).length;
  },
  'quotas.take': (counts, args) => {
    counts.writeUnits += ((args as readonly unknown[])[0] as readonly object[]).length;
  },
  'evidence.put': adds('objectsWritten'),
  'evidence.get': adds('objectsRead'),
  'definitions.publish': adds('objectsWritten'),
  // The current definition is part of the function.
  'definitions.read': free,
  // Step Functions bills transitions, and no answers.
  'workflow.start': free,
  'workflow.succeed': free,
  'workflow.fail': free,
  'workflow.describe': free,
  // The story makes the reconciliations itself: `as` counts them.
  'reconciler.request': free,
  'schedules.at': scheduleRule(),
  'collector.request': (counts) => called(counts, 'event-collector'),
  'actuator.request': (counts) => called(counts, 'event-actuator'),
  'pager.page': adds('pages'),
  'mailer.send': adds('mails'),
});

/** Functions that sign for nobody, each with a process of its own. Their calls are counted where they are asked, and where a token is stored. */
const ownProcess: ReadonlySet<string> = new Set<FunctionName>(['event-collector', 'gate-opener']);
/** Which function a signer is. Whoever asks the collector or the actuator counts their calls: what they answer is recorded by their own names. */
const functionOf: Readonly<Record<string, FunctionName>> = { '': 'api-ci', people: 'api-people', reconciler: 'event-reconciler' };

/**
 * The dependencies, which count. Each `signingFor` of the story is a call of a function of its own: of the reconciler, of the one for
 * people, or of CI's, which signs for nobody. Its process stays warm for five minutes of the story's time, in which the people of a gate answer
 * one after the other.
 */
export const countedWorld = (
  given: FakeDependencies,
): { readonly deps: FakeDependencies; readonly counts: () => WorldCounts; readonly operations: () => Operations } => {
  const counts: Counts = { ...none(), functions: {} };
  const operations = new Map<string, Record<Piece, number>>();
  const add = (operation: string, used: Readonly<Record<Piece, number>>): void => {
    const sum = operations.get(operation) ?? none();
    operations.set(operation, sum);
    addTo(sum, used);
    addTo(counts, used);
  };
  const rules = ruleOf();
  let storedBytes = 0;
  let reports = 0;
  let isShown = false;
  const { as } = given.controls;
  let warm = new Map<string, { readonly trail: AuditTrail; until: number }>();
  const trailFor = (key: string, signsFor: readonly AuthorityKind[]): AuditTrail => {
    const now = given.clock.now().getTime();
    const known = warm.get(key);
    if (known !== undefined && known.until > now) {
      known.until = now + warmMs;
      return known.trail;
    }
    const { clock, random, store } = given;
    const trail = createTrail({ store, clock, random, authority: counted(fakeAuthority(signsFor), add), sleep: async () => undefined });
    warm.set(key, { trail, until: now + warmMs });
    return trail;
  };
  const countedAs: typeof as = (caller, signsFor = authorityKinds) => {
    const key = ownProcess.has(caller) ? caller : signsFor.join();
    const name = caller === approvalPage ? undefined : functionOf[key];
    if (name !== undefined) called(counts, name);
    // The act of a person follows a page, and that shows the whole run. What the page of an approval reads is counted as it is read.
    if (name === 'api-people' && !isShown) add('page of the run', { ...none(), readUnits: reads(storedBytes) });
    isShown = caller === approvalPage;
    return { ...as(caller, signsFor), trail: trailFor(key, signsFor) };
  };
  Object.assign(given.controls, { as: countedAs });
  given.controls.onCall((call, _caller, args) => {
    const rule = rules[call];
    if (rule === undefined) throw new Error(`counting: ${call} has no rule that says what it costs`);
    const [stored] = args as readonly Stored[];
    if (call === 'store.insert' && stored?.event.scope.startsWith('run/')) storedBytes += itemBytes(toItem(stored));
    if (call === 'store.insert' && stored?.event.type === 'evidence.recorded' && stored.event.actor.kind === 'ci') reports += 1;
    const used: Counts = { ...none(), functions: counts.functions };
    const done = rule(used, args as readonly never[], given);
    return done instanceof Promise ? done.then(() => add(call, used)) : add(call, used);
  });
  return {
    operations: () => operations,
    deps: { ...given, trail: trailFor('everything', authorityKinds) },
    counts: () => {
      warm = new Map();
      return { ...counts, reports };
    },
  };
};

/** Each request to KMS is billed, also one that answers no. */
const counted = (authority: Authority, add: (operation: string, used: Readonly<Record<Piece, number>>) => void): Authority => ({
  signsFor: authority.signsFor,
  sign: async (kind, message) => {
    const mac = await authority.sign(kind, message);
    if (mac !== null) add('authority.sign', { ...none(), keyRequests: 1 });
    return mac;
  },
  verify: (kind, message, mac) => {
    add('authority.verify', { ...none(), keyRequests: 1 });
    return authority.verify(kind, message, mac);
  },
});
