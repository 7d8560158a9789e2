import { answerJobsAtEnd } from './answer-jobs.ts';
import { callBackAtEnd } from './call-back.ts';
import { earliest } from './gate-timing.ts';
import { notifyEnd } from './notify-end.ts';
import { attendFollowUps } from './notify-follow-ups.ts';
import type { Reconciliation, Turn } from './reconciliation.ts';

/** The run has ended. Time changes nothing any more, unless a mail must be sent again, or its trail waits for follow-ups. */
export const tellEnd = async (deps: Reconciliation, run: string, turn: Turn): Promise<Turn> => {
  const open = await attendFollowUps(deps, run);
  await notifyEnd(deps, run);
  await callBackAtEnd(deps, run);
  await answerJobsAtEnd(deps, run);
  if (open === undefined) return { ...turn, next: earliest(...deps.retries) };
  return { ...turn, did: 'waiting', reasons: open.reasons, next: earliest(open.next, ...deps.retries) };
};
