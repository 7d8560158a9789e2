import type { Draft, EventType, Stored } from './audit/event.ts';
import type { AuthorityKind } from './audit/event-definition.ts';
import type { LaneRange, LaneStretch } from './audit/lane-range.ts';
import type { CallbackFacts, CallbackMessage, Callbacks } from './callback-ports.ts';
import type { Freeze } from './checklist/freezes.ts';
import type { ObservedResource } from './checklist/observed-resources.ts';
import type { Targets } from './checklist/targets.ts';
import type { ActuatorFunction, Collector, Pager } from './function-ports.ts';
import type { JobAnswer, ProtectionRuleFacts, ProtectionRules } from './job-answers.ts';
import type { Chat, Mail, Mailer, MailText, Notification } from './notification.ts';
import type { Quotas } from './quotas.ts';
import type { Person, Role } from './roles.ts';
import type { RunIndex } from './run-index.ts';

export {
  type ActuatorFunction,
  type Collector,
  type CollectorTask,
  type DeadLetterQueue,
  type DeadLetters,
  type DeadMessage,
  deadLetterQueues,
  type Functions,
  type Pager,
  type StepAttempt,
} from './function-ports.ts';
export type { Deputy, Person } from './roles.ts';

// What the core needs from the world. Each interface carries its contract; fakes and adapters pass the same suites in `test/contract`.

/** UTC, milliseconds. */
export interface Clock {
  now(): Date;
}

/** Unpredictable: from a cryptographic source. */
export interface Random {
  /** `bytes` random bytes, base64url without padding. */
  token(bytes: number): string;
  /** 0 <= x < 1, for jitter. */
  fraction(): number;
}

/**
 * The audit table. `insert` is durable when it returns `inserted`; `taken` when the place holds any event, also our own of an
 * attempt whose answer was lost; a throw means unknown. Queries are strongly consistent, in order of lane, then sequence.
 */
export interface LaneStore {
  insert(stored: Stored): Promise<'inserted' | 'taken'>;
  query(scope: string, range: LaneRange | LaneStretch): Promise<readonly Stored[]>;
}
/**
 * Vouches for events that only one kind of writer may record: a keyed MAC (KMS HMAC_256) with one key for each kind, which never
 * leaves its custodian. Every function may verify; only the function of a kind may sign for it.
 */
export interface Authority {
  /** The kinds for which this process may sign. */
  readonly signsFor: readonly AuthorityKind[];
  /** The MAC of at most 4096 bytes, base64url without padding; null when this process may not sign for that kind. A throw means unknown. */
  sign(kind: AuthorityKind, message: string): Promise<string | null>;
  /** False for any other kind, message or MAC, also for a text that is not a MAC at all. A throw means unknown. */
  verify(kind: AuthorityKind, message: string, mac: string): Promise<boolean>;
}

/** Append-only lanes over a `LaneStore`. Implemented once, in `lib/audit/trail.ts`. */
export interface AuditTrail {
  /**
   * Appends at the lane's next place, exactly once for ever: a step that is in the lane already is adopted and its stored event
   * returned. `parentHash` is what a first event of the lane carries as `prev`; `after` is the lane's end where the caller has read
   * the lane whole. Throws `Conflict` after 24 lost places, `IntegrityFault` as `read` does, and before anything is stored an error
   * when this process may not vouch for such an event.
   */
  append<T extends EventType>(
    draft: Draft<T>,
    place: {
      readonly parentHash: string;
      readonly after?: { readonly seq: number; readonly head: string } | null;
      /** Only at that place: when another event takes it, `Conflict` at once, because what was decided may no longer hold behind that event. */
      readonly only?: true;
    },
  ): Promise<Appended<T>>;
  /** Strongly consistent. Throws `IntegrityFault` when what was read is not an unbroken piece of its lanes, or holds an event whose MAC is missing or wrong. */
  read(scope: string, range: LaneRange | LaneStretch): Promise<readonly Stored[]>;
}
export type Appended<T extends EventType = EventType> = { readonly stored: Stored<T>; readonly adopted: boolean };

/** Raw reports and facts, by the digest of their bytes. `put` of bytes that are there is no error; `get` checks the digest. */
export interface EvidenceStore {
  put(scope: string, digest: string, bytes: Uint8Array, contentType: string): Promise<void>;
  get(scope: string, digest: string): Promise<Uint8Array | undefined>;
}

/** People's free text, erasable, committed in events by salted digest. */
export interface PeopleStore {
  /** Keeps `text` with a fresh salt and returns sha256(salt + text): the digest that the event carries. */
  keep(run: string, text: string): Promise<string>;
  /** The texts of these digests, erased ones without text; what was never stored or is deleted is absent. `IntegrityFault` when a text does not have its digest. */
  read(digests: readonly string[]): Promise<ReadonlyMap<string, KeptWords>>;
}
/** `erasedAt`: set by who erased the text; null where nobody noted it. */
export type KeptWords =
  | { readonly run: string; readonly text: string; readonly salt: string }
  | { readonly run: string; readonly text: null; readonly erasedAt: string | null };
export { isDeciding, type RunIndex, type RunSummary, type RunWaits, runSummarySchema } from './run-index.ts';

/** Work that the sweep hands to the reconciler at an instant. A due item is stored before the append that needs it. */
export interface DueItems {
  put(item: DueItem): Promise<void>;
  /** Deletes the item. Deleting it twice is no error. */
  done(item: DueItem): Promise<void>;
  /**
   * Items with `at` <= now, oldest first, starting after the item `after`; fewer than `limit` where no more follow. An item that this version does
   * not know, which a newer one has stored, is left as it is: `skipped` gets how many there were, if any.
   */
  list(now: Date, limit: number, after?: DueItem, skipped?: (unknown: number) => void): Promise<readonly DueItem[]>;
  /** The due item that counts as the run's deadline. Strongly consistent. */
  deadline(run: string): Promise<DueItem | undefined>;
  /**
   * Makes `next` the run's deadline, or leaves the run without one. False when `was` is not the deadline any more. This changes only
   * which item counts: `put` and `done` store and delete the items themselves.
   */
  moveDeadline(run: string, was: DueItem | undefined, next: DueItem | undefined): Promise<boolean>;
}
export const dueKinds = ['deadline', 'recheck', 'close', 'rebuild', 'overdue'] as const;
export type DueItem = {
  /** Instant, UTC. */
  readonly at: string;
  readonly run: string;
  /**
   * deadline: the next instant at which time alone may change the run; at most one a run.
   * recheck: a writer announced an append that may change the run. When the sweep finds it, the writer may have crashed.
   * close: the run was closed; lanes that the closing did not see are recorded as orphans.
   * rebuild: the run's entries in the derived views are to be written anew from the trail.
   * overdue: since `at` the run has waited too long at the gate `id`. It stays until a reconciliation settles the gate or finds that this is over.
   */
  readonly kind: (typeof dueKinds)[number];
  /** Tells items of one run, kind and instant apart. */
  readonly id: string;
};

/** All runs, found by reading the whole audit table: only to rebuild derived views. A page may be empty; `next` goes into the next call. */
export interface StartedRuns {
  page(after: string | undefined): Promise<{ readonly runs: readonly string[]; readonly next: string | undefined }>;
}

/** Task tokens: written by the opener, read by the reconciler only. */
export interface TokenStore {
  put(token: {
    readonly run: string;
    readonly gate: string;
    readonly entry: string;
    readonly token: string;
    readonly execution: string;
    readonly expires: Date;
  }): Promise<void>;
  get(run: string, gate: string, entry: string): Promise<{ readonly token: string; readonly execution: string } | undefined>;
}

/** The workflow. `start` with a name that runs already is no error. */
export interface Workflow {
  start(run: string, input: object): Promise<{ readonly execution: string }>;
  /** `closed` when the token was used, timed out or is unknown: reconcile against `describe`. */
  succeed(token: string, output: object): Promise<'sent' | 'closed'>;
  fail(token: string, error: string, cause: string): Promise<'sent' | 'closed'>;
  /** `end`: `succeeded`, or the end state that failed it; undefined while it runs, and when something else ended it. */
  describe(execution: string): Promise<{ readonly running: boolean; readonly end?: string | undefined }>;
}

/**
 * Requests a reconciliation of the run: asynchronous, at least once, the caller does not wait for it. The reconciler deletes `item`, and the
 * rechecks in `also`, when it is through, so the sweep repeats a request that was lost.
 */
export interface Reconciler {
  request(run: string, item?: DueItem, also?: readonly DueItem[]): Promise<void>;
}

/** Requests a reconciliation at an instant, to the second. A schedule of the same name is kept as it is. */
export interface Schedules {
  at(name: string, when: Date, request: { readonly run: string }): Promise<void>;
}

export type { CallbackMessage, Callbacks, Chat, JobAnswer, Mail, Mailer, Notification, ProtectionRules, Quotas };

/**
 * A keyed MAC (KMS HMAC_256) over at most 4096 bytes: it signs sessions, login states, form nonces, cursors and audit events. The key never
 * leaves KMS. `verify` is false for any other text or MAC, also for one that is no MAC at all; a throw means unknown.
 */
export interface Mac {
  /** base64url without padding. */
  sign(text: string): Promise<string>;
  verify(text: string, mac: string): Promise<boolean>;
}

/** First answer wins for a key: the same body gets the stored answer again, for 35 days or for `keptMs` milliseconds, and then it is deleted. */
export interface Idempotency {
  begin(
    key: string,
    bodyDigest: string,
    now: Date,
  ): Promise<
    | { readonly state: 'fresh' }
    | { readonly state: 'done'; readonly answer: StoredAnswer }
    | { readonly state: 'other-body' }
    | { readonly state: 'in-progress' }
  >;
  finish(key: string, answer: StoredAnswer, now: Date, keptMs?: number): Promise<void>;
  /** Gives the key back after a fault, so that a retry works. */
  release(key: string): Promise<void>;
}
export type StoredAnswer = {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** Sessions of browsers that people ended by signing out. */
export interface EndedSessions {
  /** Ends a session for good. `until` is when it would have ended by itself; afterwards the record may go. */
  end(session: string, until: Date): Promise<void>;
  /** Sees every `end` that came back before it. */
  isEnded(session: string): Promise<boolean>;
}

/** The stage's people and their roles, pinned by digest in `run.started`. */
export interface Roster {
  readonly digest: string;
  readonly size: number;
  person(id: string): Person | undefined;
  holders(role: Role): readonly Person[];
  /** The person who commits under an account of the code host or an address. */
  authorOf(account: string): Person | undefined;
  named(name: string): readonly Person[];
}

/** Definitions by digest. */
export interface Definitions {
  current(): { readonly checklist: import('./checklist/definition.ts').Checklist; readonly digest: string; readonly graph: string };
  read(digest: string): Promise<import('./checklist/definition.ts').Checklist | undefined>;
  /** Keeps the current definition, or this one of a service, under its digest; again is no error. */
  publish(checklist?: import('./checklist/definition.ts').Checklist): Promise<void>;
}
export type StageFacts = {
  readonly name: string;
  /** Divides waiting windows and nothing else. */
  readonly waitScale: number;
  /** A local stage: attestations are simulated. */
  readonly local: boolean;
  /** Where people's links point, without a slash at the end. */
  readonly publicUrl: string;
  /** Environments by service. */
  readonly environments: Readonly<Record<string, readonly string[]>>;
  /** What runs a service in an environment: by service, then by environment. */
  readonly targets: Readonly<Record<string, Readonly<Record<string, Targets>>>>;
  /** The resources of AWS whose events the feeds take, by service. */
  readonly resources: Readonly<Record<string, readonly ObservedResource[]>>;
  /** The chat channel, with the zone in which it hears times beside UTC, and whom the stage calls back, by service. */
  readonly chat: Pick<Person, 'zone'> | null;
  readonly callbacks: Readonly<Record<string, readonly CallbackFacts[]>>;
  /** Rules by service that hold jobs of a code host. */
  readonly protectionRules: Readonly<Record<string, readonly ProtectionRuleFacts[]>>;
  readonly commitPages: import('./checklist/commit-pages.ts').CommitPages;
  /** Freezes by service, as deployed now: a run pins none. */
  readonly freezes: Readonly<Record<string, readonly Freeze[]>>;
};

/** Everything at once; a command takes the part that it uses. */
export type Dependencies = {
  readonly clock: Clock;
  readonly random: Random;
  readonly trail: AuditTrail;
  readonly evidence: EvidenceStore;
  readonly people: PeopleStore;
  readonly index: RunIndex;
  readonly due: DueItems;
  readonly tokens: TokenStore;
  readonly workflow: Workflow;
  readonly reconciler: Reconciler;
  readonly schedules: Schedules;
  readonly collector: Collector;
  readonly actuator: ActuatorFunction;
  readonly pager: Pager;
  readonly mailer: Mailer;
  /** Null on a stage without a chat channel, without callbacks, or without protection rules. */
  readonly chat: Chat | null;
  readonly callbacks: Callbacks | null;
  readonly protectionRules: ProtectionRules | null;
  readonly renderNotification: MailText;
  readonly idempotency: Idempotency;
  readonly sessions: EndedSessions;
  readonly quotas: Quotas;
  readonly roster: Roster;
  readonly definitions: Definitions;
  readonly stage: StageFacts;
};

/** The reconciler's part: it keeps nobody's words and answers no request. It reads words for the mails that ask for an approval. */
export type ReconcilerDependencies = Omit<Dependencies, 'people' | 'idempotency' | 'sessions' | 'quotas'> & {
  readonly people: Pick<PeopleStore, 'read'>;
};
