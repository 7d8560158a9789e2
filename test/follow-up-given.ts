import { lanes, scopes } from '../lib/audit/lane.ts';
import { type FollowUp, foldFollowUps } from '../lib/folds/follow-ups.ts';
import { answerFollowUp } from '../lib/run/commands/answer-follow-up.ts';
import { readContext } from '../lib/run/state/run-context.ts';
import type { FakeDependencies } from './fakes.ts';
import { signingFor } from './fakes.ts';
import { personIn } from './given.ts';
import type { Story } from './story.ts';
import { answerFunctions, decideAs, declare, handle, started } from './way-back.ts';

type Runs = { readonly deps: FakeDependencies; readonly run: string };

/** A run that was rolled back. A step is done by hand where it is named. */
export const rolledBack = async ({ byHand }: { readonly byHand?: string } = {}): Promise<Story> => {
  const story = await started();
  await declare(story);
  await decideAs(story, 'roll-back');
  if (byHand !== undefined) {
    await answerFunctions(story, { acts: ({ step }) => (step === byHand ? 'failed' : 'done') });
    await handle(story, byHand, 'by-hand');
  }
  await answerFunctions(story);
  return story;
};

export const followUpsOf = async ({ deps, run }: Runs): Promise<readonly FollowUp[]> =>
  foldFollowUps(await deps.trail.read(scopes.run(run), { lane: lanes.followUp }));

export const closedOf = async ({ deps, run }: Runs): Promise<boolean> => {
  const found = await readContext(deps, run);
  if (found.refused) throw new Error(found.refused.detail);
  return found.ok.closed;
};

export const cause = 'A field of the order was renamed, and the readers of it were not.';

/** An operations lead states the cause, and somebody who did not use a power reviews it. */
export const stateCause = ({ deps, run }: Runs, role: Parameters<typeof personIn>[1] = 'operations-lead') =>
  answerFollowUp(
    signingFor(['people'], deps),
    { run, followUp: 'cause', answer: 'stated', statement: cause, link: 'https://git.example.com/shop/pull/42' },
    personIn(deps, role),
  );

export const review = ({ deps, run }: Runs, followUp: string, role: Parameters<typeof personIn>[1] = 'product-owner') =>
  answerFollowUp(
    signingFor(['people'], deps),
    { run, followUp, answer: 'justified', statement: 'The function that does it was broken, and the service was down.' },
    personIn(deps, role),
  );
