import { toItem } from '../lambdas/adapters/dynamo-lane-store.ts';
import type { Draft, Stored } from '../lib/audit/event.ts';
import { genesis, lanes } from '../lib/audit/lane.ts';
import { makeEvent } from '../lib/audit/make-event.ts';
import { itemBytes } from '../lib/local/item-size.ts';
import type { FakeDependencies } from './fakes.ts';
import { check, checklistOf, gate, givenOpen, givenRun } from './given.ts';

/** A gate of 24 checks, for what one reading and one passed gate cost. */
const ids = Array.from({ length: 24 }, (_, n) => `check-${String(n + 1).padStart(2, '0')}`);
export const crowdedChecklist = checklistOf(
  [gate('phase-1'), gate('phase-2')],
  [...ids.map((id) => check(id, 'phase-1')), check('later', 'phase-2')],
);

/** An event of one check. Its reason is padded so that the stored item has exactly 1024 bytes. */
const judgement = (
  run: string,
  id: string,
  { attempt, verdict, replaces }: { readonly attempt: number; readonly verdict: 'fail' | 'pass'; readonly replaces: readonly string[] },
): Draft<'check.judged'> => {
  const withReason = (reason: string): Draft<'check.judged'> => ({
    scope: `run/${run}`,
    lane: lanes.check('phase-1', id),
    step: `judged/${attempt}`,
    type: 'check.judged',
    actor: { kind: 'system', id: 'bench' },
    data: {
      check: id,
      subject: '*/unit',
      verdict,
      reason,
      facts: genesis,
      evidence: genesis.slice(32),
      attempt: attempt + 1,
      madeAt: '2026-03-02T08:00:00.000Z',
      producer: { run: 'r', attempt: attempt + 1 },
      goodUntil: null,
      by: null,
      words: null,
      ...(replaces.length === 0 ? {} : { replaces: [...replaces] }),
    },
  });
  const bare = itemBytes(toItem(makeEvent(withReason(''), { seq: attempt + 1, prev: genesis }, new Date()) as Stored));
  return withReason('r'.repeat(1024 - bare));
};

/**
 * A run that waits at the gate. Each check is judged twice, in events of a kilobyte: it passed twice, or it failed and the later report covers the
 * failure. `bytes` of all these items together.
 */
export const crowdedGate = async (
  deps: FakeDependencies,
  first: 'pass' | 'fail',
): Promise<{ readonly run: string; readonly bytes: number }> => {
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  let bytes = 0;
  for (const id of ids) {
    const judged: string[] = [];
    for (const [attempt, verdict] of ([first, 'pass'] as const).entries()) {
      const draft = judgement(run, id, { attempt, verdict, replaces: first === 'fail' ? judged : [] });
      const { stored } = await deps.trail.append(draft, { parentHash: genesis });
      judged.push(stored.event.id);
      bytes += itemBytes(toItem(stored as Stored));
    }
  }
  return { run, bytes };
};
