import * as z from 'zod';
import { counted } from '../../canonical-json.ts';
import { at, list, recordKind, text } from './kind.ts';

export const feedback = recordKind({
  id: 'feedback',
  description: 'Answers of users, each on a scale',
  schema: z.strictObject({
    question: text,
    /** The best answer; the worst one is 0 or 1, as `worst` says. */
    best: z.int().min(2).max(100),
    worst: z.int().min(0).max(1),
    /** Words of users stay where they were given: they are personal. */
    answers: list(z.strictObject({ at, score: z.int().min(0).max(100) })),
  }),
  limits: {
    minAnswers: { of: 'answers', is: 'least', bound: { least: 1 } },
    minMeanPct: { of: 'meanPct', is: 'least', unit: '%', bound: { least: 10 } },
  },
  content: ({ best, worst, answers }) => {
    const within = answers.filter(({ score }) => score >= worst && score <= best);
    const mean = within.reduce((sum, { score }) => sum + ((score - worst) * 100) / (best - worst), 0) / within.length;
    const first = answers
      .map((one) => one.at)
      .reduce<string | undefined>((a, b) => (a === undefined || Date.parse(b) < Date.parse(a) ? b : a), undefined);
    return {
      items: answers.length,
      // Answers about the version before say nothing of the release.
      ...(first === undefined ? {} : { from: first }),
      figures: { answers: within.length, meanPct: within.length === 0 ? null : mean },
      faults:
        within.length === answers.length
          ? []
          : [`${counted(answers.length - within.length, 'answer is', 'answers are')} outside of the scale`],
    };
  },
});
