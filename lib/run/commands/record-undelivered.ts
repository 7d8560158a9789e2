import type { DataOf } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { readContext, system } from '../state/run-context.ts';
import { appendToRun, noFollowUp } from '../writing/append.ts';
import type { FeedDependencies } from './feed-observation.ts';

/**
 * Records on its run that a mail did not reach its reader. The same failure of the same mail is one event however often it is delivered.
 * Undefined when there is no such run or it has ended: nothing waits for its mails any more.
 */
export const recordUndelivered = async (
  deps: Omit<FeedDependencies, 'index'>,
  { run, ...data }: DataOf<'mail.undelivered'> & { readonly run: string },
): Promise<{ readonly run: string; readonly alreadyRecorded: boolean } | undefined> => {
  const found = await readContext(deps, run);
  if (found.refused?.type === 'definition-unknown') throw new Error(found.refused.detail);
  if (found.refused || found.ok.ended !== undefined) return undefined;
  const { adopted } = await appendToRun(deps, found.ok, {
    draft: {
      scope: found.ok.scope,
      lane: lanes.notice,
      step: `undelivered/${data.message}/${data.person}/${data.failure}`,
      type: 'mail.undelivered',
      actor: system('feed'),
      data,
    },
    lane: 'unread',
    followUp: noFollowUp,
  });
  return { run, alreadyRecorded: adopted };
};
