import { observe } from '../lib/run/commands/observe.ts';
import { reconcileGate } from '../lib/run/gates/reconcile-gate.ts';
import type { FakeDependencies } from './fakes.ts';
import { ci } from './given.ts';
import { metered } from './metered.ts';
import { toStability } from './story.ts';

const see = (deps: FakeDependencies, run: string, n: number) =>
  observe(
    deps,
    {
      run,
      observation: `seen-${n}`,
      kind: 'other',
      bad: false,
      subject: 'web',
      summary: 'The service answers as it should, and nothing else was seen.',
      observedAt: deps.clock.now().toISOString(),
    },
    ci,
  );

/** The mean of the read units of some calls. */
export const mean = async (calls: number, call: (n: number) => Promise<unknown>, take: () => number): Promise<number> => {
  take();
  for (let n = 0; n < calls; n += 1) await call(n);
  return take() / calls;
};

/** The reconciler looks after each piece. Behind the first hundreds a look now and then shows the same and takes less time. */
const isLookedAt = (n: number): boolean => n < 200 || n % 100 < 2;
/** Of looks that had many pieces to read the next one counts. */
const isCounted = (n: number): boolean => n < 200 || n % 100 === 1;

/** What the first of `many` observations of one run cost, what the last ones do, a repetition, and a look of the reconciler. Read units. */
export const observationCosts = async (
  many: number,
): Promise<Readonly<Record<'first' | 'last' | 'again' | 'firstLook' | 'worstLook', number>>> => {
  const story = await toStability();
  const { deps, take } = metered(story.deps);
  const { run } = story;
  const look = () => reconcileGate(deps, { run });
  const first = await mean(20, (n) => see(deps, run, n), take);
  const firstLook = await mean(1, look, take);
  const looks: number[] = [];
  for (let n = 20; n < many; n += 1) {
    await see(deps, run, n);
    if (!isLookedAt(n)) continue;
    const cost = await mean(1, look, take);
    if (isCounted(n)) looks.push(cost);
  }
  const last = await mean(20, (n) => see(deps, run, many + n), take);
  const again = await mean(20, (n) => see(deps, run, n), take);
  return { first, last, again, firstLook, worstLook: Math.max(...looks) };
};
