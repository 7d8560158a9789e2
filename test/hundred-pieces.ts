import { baseChecklist } from '../lib/checklist/checklist.ts';
import { metered } from './metered.ts';
import { type Proof, proofsOf } from './report-fixtures.ts';
import { begin, send } from './story.ts';
import { wholeChecklist } from './story-checklist.ts';

export type Cost = { readonly calls: number; readonly units: number };

/**
 * What the first and the hundredth piece of evidence of a run of the real checklist cost: requests and read units. Both are the same kind of
 * piece from sources of their own; between them come the pieces of all other checks that can be proved before T0.
 */
export const hundredPieces = async (): Promise<{ readonly first: Cost; readonly last: Cost }> => {
  const story = await begin(undefined, wholeChecklist);
  const { deps, take } = metered(story.deps);
  const now = deps.clock.now();
  const early = baseChecklist.items.filter(({ gate }) => gate === 'phase-1' || gate === 'phase-2' || gate === 'phase-3');
  const all = proofsOf(
    early.map((check) => ({ ...check, optional: false })),
    now,
  );
  const guide = all.find(({ source }) => source === 'user-guide');
  if (guide === undefined) throw new Error('no proof of the user guide');
  const others = all.filter((proof) => proof !== guide);
  const sent = async ({ type, bytes, component }: Proof, source: string): Promise<Cost> => {
    take();
    const before = deps.controls.calls.length;
    await send({ ...story, deps: { ...deps, controls: { ...deps.controls, as: () => deps } } }, type, bytes, { source, component });
    return { calls: deps.controls.calls.length - before, units: take() };
  };
  const first = await sent(guide, 'first');
  for (let n = 0; n < 98; n += 1) {
    const proof = others[n % others.length];
    if (proof !== undefined) await sent(proof, `other-${n}`);
  }
  return { first, last: await sent(guide, 'hundredth') };
};
