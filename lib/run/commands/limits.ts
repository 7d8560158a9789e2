import { sha256 } from '../../canonical-json.ts';
import { type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { Use } from '../../quotas.ts';
import type { Caller } from '../state/caller.ts';

const megabyte = 1024 * 1024;
const dayMs = 86_400_000;

/** Who uses something up: one run, one token of a CI job, or one identity (of CI or a person) on one day in UTC. */
type Holder = 'run' | 'token' | 'day';
export type Limit = {
  /** What is counted, for people. */
  readonly what: string;
  /** Null where nothing is counted. */
  readonly most: Readonly<Record<Holder, number | null>>;
  /** Why the number is as high as it is. */
  readonly why: string;
};

/**
 * What may be stored. The numbers are far above what releases need, and low enough that a caller who floods Holdpoint costs some
 * dollars a day and leaves every run able to end. The README's table is written from this list.
 */
export const limits = {
  pieces: {
    what: 'Reports',
    most: { run: 2_000, token: 1_000, day: 5_000 },
    why: 'a matrix of 256 jobs that send four reports each, and as much again for a second attempt',
  },
  bytes: {
    what: 'Bytes of reports and their facts',
    most: { run: 1024 * megabyte, token: 512 * megabyte, day: 5 * 1024 * megabyte },
    why: 'a stage may lock evidence for years: 5 GB for seven years cost about $10',
  },
  sources: {
    what: 'Different sources, each counted once for every type',
    most: { run: 300, token: 300, day: null },
    why: 'the end of a run lists every lane in one item of 400 KB at most, and 300 sources take 60 KB of it',
  },
  observations: {
    what: 'Observations',
    most: { run: 10_000, token: 10_000, day: 20_000 },
    why: 'a thousand alarms in each of ten storms; beyond that, nobody reads them',
  },
  announcements: {
    what: 'Announcements of planned work',
    most: { run: null, token: 50, day: 200 },
    why: 'each alarm of a service is tested once, and each component restarted; more would excuse what nobody plans',
  },
  proposals: {
    what: 'Proposed profiles',
    most: { run: null, token: null, day: 50 },
    why: 'people mend a profile some times until its diff is right',
  },
  drafts: {
    what: 'Texts of forms that wait for a new sign-in',
    most: { run: null, token: null, day: 200 },
    why: 'a person signs in again some times a day, and a form can be sent again while nobody is signed in',
  },
} as const satisfies Readonly<Record<string, Limit>>;
type Counted = keyof typeof limits;
type Amount = Exclude<Counted, 'sources'>;

const fixes: Readonly<Record<Holder, string>> = {
  run: 'Send fewer and larger reports: merge the reports of one job before sending them. A run that is full goes on with what it has.',
  token: "Send the rest with the token of another job, or merge the job's reports.",
  day: 'Send the rest after midnight UTC. If the pipeline needs more every day, give its parts identities of their own.',
};
const whose: Readonly<Record<Holder, string>> = { run: 'The run', token: "The job's token", day: 'The identity' };

/** Where it is stored: a run, or a service as a whole. */
export type Bearer = string | { readonly service: string };

/** Amounts to add, and the evidence type and source where a lane may be new. */
type Taken = Readonly<Partial<Record<Amount, number>>> & { readonly source?: string };
type Counting = Pick<Dependencies, 'quotas' | 'clock'>;

/**
 * Counts what is about to be stored, or refuses it with the figures. It is called before anything is stored. Each counter adds and
 * compares in one step, so writers at the same moment cannot pass a limit together. Sending something again counts again; what is
 * counted and then not stored stays counted. Nothing is decided by these counters but whether more is taken.
 */
export const withinLimits = (
  deps: Counting,
  run: Bearer,
  caller: Caller,
  taken: Taken,
): Promise<{ readonly refused: Refusal } | undefined> => within(deps, holdersOf(run, caller, deps.clock.now()), taken, run);

/** The same for a proposal of a person, which belongs to no run. */
export const withinProposals = (deps: Counting, caller: Caller): Promise<{ readonly refused: Refusal } | undefined> =>
  within(deps, [dayOf(caller, deps.clock.now())], { proposals: 1 });

/** Whether one more text of a form may wait for the sign-in of this person. */
export const mayKeepDraft = async (deps: Counting, person: string): Promise<boolean> =>
  (await within(deps, [dayOf({ kind: 'person', id: person }, deps.clock.now())], { drafts: 1 })) === undefined;

const within = async (
  deps: Counting,
  holders: readonly HeldBy[],
  taken: Taken,
  run?: Bearer,
): Promise<{ readonly refused: Refusal } | undefined> => {
  const now = deps.clock.now();
  // A holder of whom none of it is counted has no counter.
  const counters = holders
    .map(({ holder, key, keptDays }) => ({ holder, use: useOf(holder, key, taken, new Date(now.getTime() + keptDays * dayMs)) }))
    .filter(({ use }) => use.amounts.length > 0 || use.distinct !== undefined);
  const over = await deps.quotas.take(counters.map(({ use }) => use));
  if (over === undefined) return undefined;
  const { holder } = counters[over.use] as (typeof counters)[number];
  const counted = (Object.keys(limits) as Counted[]).find((name) => name === over.name) ?? 'pieces';
  const limit = limits[counted];
  return refuse('limit-reached', `${whoseOf(holder, run)} has reached a limit: ${limit.what.toLowerCase()}${perOf(holder)}.`, {
    got: `${over.counted} and ${counted === 'sources' ? 1 : (taken[counted] ?? 1)} more`,
    expected: `${limit.most[holder]} at most`,
    fix: fixes[holder],
  });
};

const whoseOf = (holder: Holder, run: Bearer | undefined): string =>
  holder === 'run' && typeof run === 'object' ? 'The service' : whose[holder];
const perOf = (holder: Holder): string => (holder === 'day' ? ' of one day' : '');

type HeldBy = { readonly holder: Holder; readonly key: string; readonly keptDays: number };

const dayOf = (caller: Pick<Caller, 'kind' | 'id'>, now: Date): HeldBy => ({
  holder: 'day',
  key: `${caller.kind}/${caller.id}/${now.toISOString().slice(0, 10)}`,
  keptDays: 3,
});

/** A counter is kept as long as it can matter: a run may take months, a token some hours. */
const holdersOf = (run: Bearer, caller: Caller, now: Date): readonly HeldBy[] => [
  dayOf(caller, now),
  ...(caller.kind === 'ci' ? [{ holder: 'token', key: `token/${caller.token}`, keptDays: 35 } as const] : []),
  { holder: 'run', key: typeof run === 'string' ? `run/${run}` : `service/${run.service}`, keptDays: 400 },
];

const useOf = (holder: Holder, key: string, { source, ...amounts }: Taken, until: Date): Use => ({
  key,
  until,
  amounts: Object.entries(amounts).flatMap(([name, add]) => {
    const most = limits[name as Amount].most[holder];
    return most === null ? [] : [{ name, add, most }];
  }),
  ...distinctOf(limits.sources.most[holder], source),
});

/** The counter holds the names themselves, so they are kept short. */
const distinctOf = (most: number | null, source: string | undefined): Pick<Use, 'distinct'> =>
  most === null || source === undefined ? {} : { distinct: { name: 'sources', value: sha256(source).slice(0, 12), most } };
