import { type DataOf, isType, type Stored } from '../audit/event.ts';
import type { FollowUpKind } from '../audit/events/follow-up.ts';

/** A follow-up of a rollback, and its answer once there is one. */
export type FollowUp = DataOf<'follow-up.opened'> & {
  readonly opened: Stored<'follow-up.opened'>;
  readonly answered: Stored<'follow-up.answered'> | undefined;
};

/** Folds the lane `follow-up`. The first answer counts. */
export const foldFollowUps = (lane: readonly Stored[]): readonly FollowUp[] =>
  lane.filter(isType('follow-up.opened')).map((opened) => ({
    ...opened.event.data,
    opened,
    answered: lane.filter(isType('follow-up.answered')).find(({ event }) => event.data.followUp === opened.event.data.followUp),
  }));

/** The step of an answer in the lane: every writer uses the same, so that the first answer is the only one. */
export const followUpAnswerStep = (followUp: string): string => `answered/${followUp}`;

/** Whether the use of a power is reviewed; else the cause is asked for. */
export const isReview = ({ kind }: { readonly kind: FollowUpKind }): boolean => kind !== 'rollback-cause';

/** What is asked, for people. */
export const followUpTitle = ({ kind, subject }: Pick<DataOf<'follow-up.opened'>, 'kind' | 'subject'>): string =>
  ({
    'rollback-cause': 'State the cause of the rollback',
    'freeze-override': `Review the override of the freeze ${subject}`,
    'aws-credentials': `Review what was said about the rollback with AWS credentials alone (${subject})`,
    'step-by-hand': `Review the step ${subject}, which was done by hand`,
    'environment-freed': 'Review that a person freed the environment',
  })[kind];
