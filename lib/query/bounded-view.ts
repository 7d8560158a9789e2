import type { GateView, RunView } from './view.ts';

/**
 * A view stays far below what an answer can hold (6 MB), whatever the run holds: each kind of list has a room in bytes. Together with the
 * checklist's own words and what a start can name they make less than 1 MB. What is left out stands in the events.
 */
const rooms = {
  observations: 150_000,
  deployments: 40_000,
  /** All lists of a kind share its room: each list that holds anything gets an equal part. */
  subjects: 100_000,
  parts: 100_000,
  approvals: 80_000,
  reasons: 40_000,
  earlier: 40_000,
  regressions: 40_000,
  /** Each list of the way back. */
  rollback: 30_000,
} as const;
/** A page needs more bytes for an item than the list itself. */
const observationsMax = 200;

type LeftOut = RunView['leftOut'][number];
type Cut<T> = { readonly kept: readonly T[]; readonly count: number };

/** The first of these that fit into the room, and at least one; they stay in their order. `important`: the same items, the most important first. */
export const cutTo = <T>(items: readonly T[], room: number, important: readonly T[], most = Number.POSITIVE_INFINITY): Cut<T> => {
  const kept = new Set<T>();
  let used = 0;
  for (const item of important) {
    used += bytesOf(item);
    if (kept.size >= most || (used > room && kept.size > 0)) break;
    kept.add(item);
  }
  return kept.size === items.length
    ? { kept: items, count: 0 }
    : { kept: items.filter((item) => kept.has(item)), count: items.length - kept.size };
};

/** As indented JSON of ASCII: the command line escapes signs of direction, and a page shows them by their number. */
const bytesOf = (item: unknown): number => {
  const text = JSON.stringify(item, null, 2);
  return text.length + 5 * (text.match(/[^\n\x20-\x7e]/g)?.length ?? 0);
};

export const boundedView = (view: RunView): RunView => {
  const leftOut: LeftOut[] = [];
  const note = <T>(list: string, lane: string | null, { kept, count }: Cut<T>): readonly T[] => {
    const query = lane === null ? '' : `?lane=${encodeURIComponent(lane)}`;
    if (count > 0) leftOut.push({ list, count, events: `/v1/runs/${view.run}/audit/events${query}` });
    return kept;
  };
  const observations = cutTo(view.observations, rooms.observations, openFirst(view.observations), observationsMax);
  const deployments = cutTo(view.deployments, rooms.deployments, view.deployments.toReversed());
  const shares = sharesOf(view.gates);
  return {
    ...view,
    observations: note('observations', 'observation', observations),
    deployments: note('deployments', 'deployment', deployments),
    gates: view.gates.map((gate) => boundedGate(gate, shares, note)),
    rollback: view.rollback === null ? null : boundedRollback(view.rollback, note),
    leftOut,
  };
};

/** Bad observations that nobody has labelled, then other bad ones, then good ones; of each the newest first. */
const openFirst = (observations: RunView['observations']): RunView['observations'] => {
  const rank = ({ bad, label, setAside }: RunView['observations'][number]): number =>
    !bad ? 2 : label === null && setAside === null ? 0 : 1;
  return observations.toReversed().sort((a, b) => rank(a) - rank(b));
};

/** `lane`: where the events are that stand behind the list; null where they are in several. */
type Note = <T>(list: string, lane: string | null, cut: Cut<T>) => readonly T[];
type Rollback = NonNullable<RunView['rollback']>;

/** Of the triggers the first counts, then the newest. The events are those that triggers and proofs name, the newest first. */
const boundedRollback = (rollback: Rollback, note: Note): Rollback => {
  const [first, ...later] = rollback.triggers;
  const important = first === undefined ? [] : [first, ...later.toReversed()];
  return {
    ...rollback,
    triggers: note('rollback triggers', 'rollback', cutTo(rollback.triggers, rooms.rollback, important)),
    events: note('rollback events', null, cutTo(rollback.events, rooms.rollback, rollback.events.toReversed())),
  };
};

type Shares = { readonly [of in 'subjects' | 'parts' | 'approvals' | 'reasons' | 'earlier' | 'regressions']: number };

const sharesOf = (gates: readonly GateView[]): Shares => {
  const share = (of: keyof Shares, listsOf: (gate: GateView) => readonly (readonly unknown[])[]): number =>
    rooms[of] / Math.max(1, gates.flatMap(listsOf).filter(({ length }) => length > 0).length);
  return {
    subjects: share('subjects', ({ checks }) => checks.map(({ subjects }) => subjects)),
    parts: share('parts', ({ checks }) => checks.map(({ parts }) => parts?.listed ?? [])),
    approvals: share('approvals', ({ approvals }) => [approvals]),
    reasons: share('reasons', ({ reasons }) => [reasons]),
    earlier: share('earlier', ({ earlier }) => [earlier]),
    regressions: share('regressions', ({ regressions }) => [regressions]),
  };
};

const boundedGate = (gate: GateView, shares: Shares, note: Note): GateView => {
  const newest = <T>(of: keyof Shares, items: readonly T[], lane: string): readonly T[] =>
    note(`${gate.id} ${of}`, lane, cutTo(items, shares[of], items.toReversed()));
  return {
    ...gate,
    reasons: note(`${gate.id} reasons`, `check/${gate.id}`, cutTo(gate.reasons, shares.reasons, gate.reasons)),
    approvals: newest('approvals', gate.approvals, `approval/${gate.id}`),
    earlier: newest('earlier', gate.earlier, `gate/${gate.id}`),
    regressions: newest('regressions', gate.regressions, `gate/${gate.id}`),
    checks: gate.checks.map((check) => ({
      ...check,
      subjects: note(
        `${gate.id} ${check.check} subjects`,
        `check/${gate.id}/${check.check}`,
        cutTo(check.subjects, shares.subjects, failingFirst(check.subjects)),
      ),
      // Those that do not pass stand first.
      ...(check.parts === undefined
        ? {}
        : {
            parts: {
              ...check.parts,
              listed: note(
                `${gate.id} ${check.check} parts`,
                `check/${gate.id}/${check.check}`,
                cutTo(check.parts.listed, shares.parts, check.parts.listed),
              ),
            },
          }),
    })),
  };
};

type Subjects = GateView['checks'][number]['subjects'];
const failingFirst = (subjects: Subjects): Subjects =>
  subjects.toReversed().sort((a, b) => Number(a.verdict === 'pass') - Number(b.verdict === 'pass'));
