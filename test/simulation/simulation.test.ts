import { describe, expect, test } from 'vitest';
import type { Dependencies, LaneStore } from '../../lib/ports.ts';
import type { Invariant } from './invariants.ts';
import type { Sabotage } from './processes.ts';
import { type Simulated, simulate } from './simulate.ts';

/** How many seeds nobody has seen before each run of the suite plays. */
const fresh = 30;
/** Seeds under which something was once wrong, or that take a rare way. */
const kept = [11, 1124, 50064, 50117];

const shown = ({ seed, violations }: Simulated): string =>
  violations.map(({ at, invariant, what }) => `seed ${seed}, ${at}: ${invariant}: ${what}; npm run simulate -- --seed ${seed}`).join('\n');

describe('the real commands, under faults, in virtual time', () => {
  test('hold every invariant under seeds that nobody has seen', async () => {
    const from = Math.floor(Math.random() * 2 ** 31);
    for (let seed = from; seed < from + fresh; seed += 1)
      expect(shown(await simulate(seed)), `seeds ${from} to ${from + fresh - 1}`).toBe('');
  }, 240_000);

  test.each(kept)(
    'hold every invariant under seed %i',
    async (seed) => {
      expect(shown(await simulate(seed))).toBe('');
    },
    60_000,
  );

  test('do the same under the same seed', async () => {
    const [first, second] = [await simulate(7), await simulate(7)];
    expect(first.trace.length).toBeGreaterThan(200);
    expect(second.digest).toBe(first.digest);
    expect((await simulate(8)).digest).not.toBe(first.digest);
  }, 60_000);
});

const losing = (store: LaneStore): LaneStore => {
  let inserted = 0;
  return {
    ...store,
    insert: async (stored) => {
      inserted += 1;
      return inserted % 40 === 0 ? 'inserted' : store.insert(stored);
    },
  };
};

/** After its settle event the reconciler sees what it saw before it. */
const onceOnly = (deps: Dependencies): Dependencies => {
  const seen = new Map<string, ReturnType<Dependencies['trail']['read']>>();
  let hasSettled = false;
  return {
    ...deps,
    trail: {
      append: (draft, place) => {
        if (draft.type === 'gate.settled') hasSettled = true;
        if (draft.type === 'gate.delivered') hasSettled = false;
        return deps.trail.append(draft, place);
      },
      read: (scope, range) => {
        const key = JSON.stringify([scope, range]);
        const old = seen.get(key);
        if (hasSettled && old !== undefined && key.includes('check/')) return old;
        const read = deps.trail.read(scope, range);
        seen.set(key, read);
        return read;
      },
    },
  };
};

type Broken = { readonly name: string; readonly sabotage: Sabotage; readonly breaks: readonly Invariant[]; readonly on?: string };

const sabotages: readonly Broken[] = [
  {
    name: 'a table that loses an acknowledged event',
    sabotage: { store: losing },
    breaks: ['acknowledged-is-stored', 'trail-is-sound', 'every-run-ends'],
  },
  { name: 'a decider that does not read again', sabotage: { deps: onceOnly }, breaks: ['passes-over-nothing'], on: 'reports' },
  {
    name: 'a run list that never hears of an end',
    sabotage: {
      deps: (deps) => ({ ...deps, index: { ...deps.index, put: async (one) => (one.outcome === null ? deps.index.put(one) : undefined) } }),
    },
    breaks: ['list-agrees-with-trail'],
  },
  {
    name: 'a mail system that loses a mail about an end and says that it took none',
    sabotage: {
      deps: (deps) => ({
        ...deps,
        mailer: {
          send: async (mail) => {
            if (mail.subject === 'run-ended') throw new Error('the mail system takes no such mail');
            return deps.mailer.send(mail);
          },
        },
      }),
    },
    breaks: ['end-is-mailed', 'every-run-ends'],
  },
  {
    name: 'an answer that is not the decision',
    sabotage: {
      deps: (deps) => ({
        ...deps,
        workflow: { ...deps.workflow, succeed: (token, output) => deps.workflow.succeed(token, { ...output, outcome: 'passed' }) },
      }),
    },
    breaks: ['trail-agrees-with-machine', 'passes-over-nothing'],
  },
  {
    name: 'deadlines that nobody stores',
    sabotage: {
      deps: (deps) => ({ ...deps, due: { ...deps.due, put: async (item) => (item.kind === 'recheck' ? deps.due.put(item) : undefined) } }),
    },
    breaks: ['every-run-ends'],
  },
];

describe('the simulator notices', () => {
  test.each(sabotages)(
    '$name',
    async ({ sabotage, breaks, on }) => {
      const broken = new Set<string>();
      for (let seed = 1; seed <= 120 && !breaks.some((invariant) => broken.has(invariant)); seed += 1)
        for (const { invariant } of (await simulate(seed, sabotage, on)).violations) broken.add(invariant);
      expect(
        [...broken].some((invariant) => breaks.some((one) => one === invariant)),
        [...broken].join(),
      ).toBe(true);
    },
    240_000,
  );
});
