import type { Dependencies, LaneStore } from '../../lib/ports.ts';
import type { Invariant } from './invariants.ts';
import type { Sabotage } from './processes.ts';

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

/** A way to break the simulation, the invariants that may notice it, and the checklist on which they do. */
export type Broken = {
  readonly name: string;
  readonly sabotage: Sabotage;
  readonly breaks: readonly Invariant[];
  readonly on?: string;
  /** Under this seed it showed last; others are tried when it no longer does. */
  readonly seed: number;
};

export const sabotages: readonly Broken[] = [
  {
    name: 'a table that loses an acknowledged event',
    seed: 1,
    sabotage: { store: losing },
    breaks: ['acknowledged-is-stored', 'trail-is-sound', 'every-run-ends'],
  },
  { name: 'a decider that does not read again', seed: 623, sabotage: { deps: onceOnly }, breaks: ['passes-over-nothing'], on: 'reports' },
  {
    name: 'a run list that never hears of an end',
    seed: 2,
    sabotage: {
      deps: (deps) => ({ ...deps, index: { ...deps.index, put: async (one) => (one.outcome === null ? deps.index.put(one) : undefined) } }),
    },
    breaks: ['list-agrees-with-trail'],
  },
  {
    name: 'a mail system that loses a mail about an end and says that it took none',
    seed: 2,
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
    seed: 3,
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
    seed: 133,
    sabotage: {
      deps: (deps) => ({ ...deps, due: { ...deps.due, put: async (item) => (item.kind === 'recheck' ? deps.due.put(item) : undefined) } }),
    },
    breaks: ['every-run-ends'],
  },
];
