/** Where an injected fault strikes: before anything is kept, or after everything is. */
export type When = 'before' | 'after';

/** Called before every port call, with the name of the view that calls; an explorer holds calls back here to order them. */
export type Hook = (call: string, caller: string, args: readonly unknown[]) => Promise<void> | void;

export type Faults = {
  /** The next call of `port.method` throws, without or in spite of having done its work. */
  failNext(call: string, when: When, fault?: Error): void;
  onCall(hook: Hook | undefined): void;
  /** Every call so far, in order, as `port.method`. */
  readonly calls: readonly string[];
  /** How often `port.method` was called. */
  count(call: string): number;
};

type Planned = { readonly call: string; readonly when: When; readonly fault: Error };
type Method = (...args: readonly unknown[]) => unknown;

/** One set of faults, hooks and counts for all ports of a world. */
export const createFaults = (): Faults & {
  run(call: string, caller: string, args: readonly unknown[], work: Method): Promise<unknown>;
} => {
  const calls: string[] = [];
  const planned: Planned[] = [];
  let hook: Hook | undefined;
  const take = (call: string, when: When): Planned | undefined => {
    const place = planned.findIndex((one) => one.call === call && one.when === when);
    return place < 0 ? undefined : planned.splice(place, 1)[0];
  };
  return {
    calls,
    count: (call) => calls.filter((one) => one === call).length,
    failNext: (call, when, fault = new Error(`${call} failed ${when} it persisted (planned)`)) => {
      planned.push({ call, when, fault });
    },
    onCall: (next) => {
      hook = next;
    },
    run: async (call, caller, args, work) => {
      await hook?.(call, caller, args);
      calls.push(call);
      const before = take(call, 'before');
      if (before !== undefined) throw before.fault;
      const answer = await work(...args);
      const after = take(call, 'after');
      if (after !== undefined) throw after.fault;
      return answer;
    },
  };
};

/** The port with every method announced, counted and breakable. */
export const watched = <Port extends object>(name: string, port: Port, faults: ReturnType<typeof createFaults>, caller: string): Port =>
  Object.fromEntries(
    Object.entries(port).map(([method, work]) => [
      method,
      (...args: readonly unknown[]) => faults.run(`${name}.${method}`, caller, args, work as Method),
    ]),
  ) as Port;
