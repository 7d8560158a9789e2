import * as z from 'zod';
import type { Stored } from '../audit/event.ts';
import { followUpAnswers, followUpKindSchema } from '../audit/events/follow-up.ts';
import type { Immutable } from '../fields.ts';
import { foldFollowUps, followUpTitle } from '../folds/follow-ups.ts';
import type { RunContext } from '../run/state/run-context.ts';

export const followUpViewSchema = z.object({
  id: z.string(),
  kind: followUpKindSchema.meta({ description: 'The cause, or the emergency power that was used.' }),
  title: z.string().meta({ description: 'What is asked.' }),
  about: z.string().nullable().meta({ description: 'Id of the event in which the power was used; null for the cause.' }),
  usedBy: z
    .array(z.string())
    .meta({ description: 'The people who used the power, none of whom reviews it. Empty where it is not known who used it.' }),
  openedAt: z.string(),
  dueAt: z.string().nullable().meta({ description: 'After this time it is overdue, and an alarm is raised.' }),
  answer: z
    .object({
      answer: z.enum(followUpAnswers),
      by: z.string(),
      at: z.string(),
      words: z.string().meta({ description: 'Digest of the statement, which `words` has.' }),
      link: z.string().nullable().meta({ description: 'Digest of the address of the fix, which `words` has.' }),
    })
    .nullable()
    .meta({ description: 'The first answer; null while it is open.' }),
});
export type FollowUpView = Immutable<z.infer<typeof followUpViewSchema>>;

export const followUpsView = ({ checklist }: Pick<RunContext, 'checklist'>, lane: readonly Stored[]): FollowUpView[] => {
  const limit = checklist.rollback.followUps?.limitSeconds;
  return foldFollowUps(lane).map(({ followUp, kind, subject, about, usedBy, opened: { event }, answered }) => ({
    id: followUp,
    kind,
    title: followUpTitle({ kind, subject }),
    about,
    usedBy,
    openedAt: event.at,
    dueAt: limit === undefined ? null : new Date(Date.parse(event.at) + limit * 1000).toISOString(),
    answer: answered === undefined ? null : answerOf(answered.event),
  }));
};

const answerOf = ({
  at,
  data: { answer, by, words, link },
}: NonNullable<ReturnType<typeof foldFollowUps>[number]['answered']>['event']): NonNullable<FollowUpView['answer']> => ({
  answer,
  by,
  at,
  words,
  link,
});
