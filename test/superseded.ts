import { lanes } from '../lib/audit/lane.ts';
import { appendToRun, noFollowUp } from '../lib/run/writing/append.ts';
import { signingFor } from './fakes.ts';
import { contextOf } from './given.ts';
import type { Story } from './story.ts';

export const newer = '20260305-080000-abcdefghjk';

/** What a newer run's T0 records in the older one. */
export const supersede = async ({ deps, run }: Pick<Story, 'deps' | 'run'>): Promise<void> => {
  const context = await contextOf(deps, run);
  await appendToRun(signingFor(['reconciler'], deps), context, {
    draft: {
      scope: context.scope,
      lane: lanes.run,
      step: 'superseded',
      type: 'run.superseded',
      actor: { kind: 'system', id: 'reconciler' },
      data: { by: newer },
    },
    lane: 'unread',
    followUp: noFollowUp,
  });
};
