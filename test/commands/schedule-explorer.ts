import { digestOf } from '../../lib/canonical-json.ts';
import type { FakeDependencies } from '../fakes.ts';

/**
 * Runs concurrent commands in every order of their calls to the world that matter. Stateless depth-first search: each order is
 * played from the start; a state (what is stored, what each process has seen and does next) that was met before is not explored again.
 */
export type Scenario = {
  readonly deps: FakeDependencies;
  /** Beginnings of the names of the lanes that the processes share. */
  readonly lanes: readonly string[];
  readonly processes: Readonly<Record<string, (deps: FakeDependencies) => Promise<unknown>>>;
  /** Throws when the order just played broke a promise. */
  readonly check: () => Promise<void>;
};

type Held = { readonly call: string; readonly sees: () => string; readonly go: () => void };

/** What a call to the world reads or writes of the lanes under watch; undefined when its order makes no difference to others. */
const watchedBy = (call: string, args: readonly unknown[], lanes: readonly string[]): string | undefined => {
  if (call.startsWith('workflow.')) return 'workflow';
  const [first, second] = args as [{ event?: { lane: string } }, { lane?: string; prefix?: string } | undefined];
  const touched = call === 'store.insert' ? first.event?.lane : call === 'store.query' ? (second?.lane ?? second?.prefix) : undefined;
  return touched !== undefined && lanes.some((lane) => touched.startsWith(lane)) ? touched : undefined;
};

export const explore = async (
  setUp: () => Promise<Scenario>,
  most = 20_000,
): Promise<{ readonly orders: number; readonly states: number }> => {
  const seen = new Set<string>();
  const open: string[][] = [[]];
  let orders = 0;
  while (open.length > 0) {
    const prefix = open.pop() ?? [];
    orders += 1;
    if (orders > most) throw new Error(`more than ${most} orders: make the scenario smaller`);
    open.push(...(await play(await setUp(), prefix, seen)));
  }
  return { orders, states: seen.size };
};

/** Plays one order; returns the prefixes that branch off and were not met before. */
const play = async ({ deps, lanes, processes, check }: Scenario, prefix: readonly string[], seen: Set<string>): Promise<string[][]> => {
  const blocked = new Map<string, Held>();
  const history = new Map<string, string[]>();
  const turns = new Map<string, number>();
  deps.controls.onCall((call, caller, args) => {
    const touched = caller in processes ? watchedBy(call, args, lanes) : undefined;
    if (touched === undefined) return undefined;
    // A process may have several calls under way at once; each waits for its own turn.
    const turn = (turns.get(caller) ?? 0) + 1;
    turns.set(caller, turn);
    return new Promise<void>((go) =>
      blocked.set(`${caller}.${turn}`, { call: `${call} ${touched}`, sees: () => stateOf(deps, touched), go }),
    );
  });
  const faults: unknown[] = [];
  const running = Object.entries(processes).map(([name, work]) =>
    work(deps.controls.as(name)).catch((fault: unknown) => faults.push(fault)),
  );
  const branches: string[][] = [];
  const order: string[] = [];
  for (;;) {
    await quiet();
    const ready = [...blocked.keys()].sort();
    if (ready.length === 0) break;
    const wanted = prefix[order.length];
    if (wanted === undefined) {
      const state = digestOf([stateOf(deps, ''), [...blocked].map(([other, { call }]) => [other, call]).sort(), [...history].sort()]);
      const fresh = ready.filter((name) => isNew(`${name} ${state}`, seen));
      if (fresh.length === 0) break;
      branches.push(...fresh.slice(1).map((name) => [...order, name]));
      step(fresh[0] ?? '', blocked, history);
      order.push(fresh[0] ?? '');
    } else {
      step(wanted, blocked, history);
      order.push(wanted);
    }
  }
  const cut = blocked.size > 0;
  deps.controls.onCall(undefined);
  for (const { go } of blocked.values()) go();
  await Promise.all(running);
  if (faults.length > 0) throw new Error(`order ${order.join(' ')}: ${String(faults[0])}`, { cause: faults[0] });
  if (!cut)
    await check().catch((cause: unknown) => {
      throw new Error(`order ${order.join(' ')}: ${String(cause)}`, { cause });
    });
  return branches;
};

const step = (name: string, blocked: Map<string, Held>, history: Map<string, string[]>): void => {
  const next = blocked.get(name);
  if (next === undefined) throw new Error(`the order names ${name}, which does not wait: the scenario is not deterministic`);
  blocked.delete(name);
  const process = name.slice(0, name.lastIndexOf('.'));
  history.set(process, [...(history.get(process) ?? []), `${next.call} ${next.sees()}`]);
  next.go();
};

const isNew = (step: string, seen: Set<string>): boolean => {
  if (seen.has(step)) return false;
  seen.add(step);
  return true;
};

/** What is stored in lanes whose names start so, and what the workflow was told. */
const stateOf = (deps: FakeDependencies, lane: string): string => {
  const stored = [...deps.controls.store.tables.values()].flatMap((items) =>
    [...items].filter(([key]) => key.startsWith(lane)).map(([key, { hash }]) => `${key} ${hash}`),
  );
  return digestOf([stored.sort(), deps.controls.workflow.answers]);
};

/** Lets every process run until it waits for its turn or has ended. */
const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
