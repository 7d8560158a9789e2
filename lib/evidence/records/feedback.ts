import * as z from 'zod';
import { counted } from '../../wording.ts';
import { at, earliest, list, recordKind, text } from './kind.ts';

export const feedback = recordKind({
  id: 'feedback',
  description: 'Answers of users, each on a scale',
  schema: z.strictObject({
    question: text,
    /** The best answer; the worst one is 0 or 1, as `worst` says. */
    best: z.int().min(2).max(100),
    worst: z.int().min(0).max(1),
    /** Words of users stay where they were given: they are personal. */
    answers: list(
      z.strictObject({
        /** Of the answer, such as its row in the export. Without ids, answers of one instant and score are one answer. */
        id: text.optional(),
        at,
        score: z.int().min(0).max(100),
      }),
    ),
  }),
  limits: {
    minAnswers: { of: 'answers', name: 'answers', is: 'least', bound: { least: 1 } },
    minMeanPct: { of: 'meanPct', name: 'mean of the answers', is: 'least', unit: '%', bound: { least: 10 } },
  },
  content: ({ best, worst, answers }) => {
    const single = new Map(answers.map((one) => [keyOf(one), one]));
    const unlike = new Set(answers.filter((one) => single.get(keyOf(one))?.score !== one.score).map(({ id }) => id));
    const within = [...single.values()].filter(({ score }) => score >= worst && score <= best);
    const outside = answers.filter(({ score }) => score < worst || score > best).length;
    const mean = within.reduce((sum, { score }) => sum + ((score - worst) * 100) / (best - worst), 0) / within.length;
    const first = earliest(answers.map((one) => one.at));
    return {
      items: answers.length,
      // Answers about the version before say nothing of the release.
      ...(first === undefined ? {} : { from: first }),
      figures: {
        answers: within.length,
        repeated: answers.length - single.size,
        meanPct: within.length === 0 ? null : mean,
      },
      faults: [
        ...(outside === 0 ? [] : [`${counted(outside, 'answer is', 'answers are')} outside of the scale`]),
        ...[...unlike].map((id) => `the answer ${id} is listed with several scores`),
      ],
    };
  },
});

/** Six times the same answer is what one person said. */
const keyOf = ({ id, at: time, score }: { readonly id?: string | undefined; readonly at: string; readonly score: number }): string =>
  id === undefined ? `at ${Date.parse(time)} ${score}` : `id ${id}`;
