import type { JobAnswer, ProtectionRules } from '../../lib/ports.ts';
import { type Keep, keptByItself } from './kept.ts';

/**
 * A code host. `pipelines` are those that it has, by their numbers; `answers` is what their jobs were answered. `refusing`: rules whose answers it
 * does not take; `refused` counts them.
 */
export const fakeProtectionRules = (keep: Keep = keptByItself) => {
  const pipelines = keep(new Map<string, { readonly commit: string; readonly ended?: boolean }>());
  const answers = keep<(Omit<JobAnswer, 'service' | 'commit'> & { readonly rule: string })[]>([]);
  const refusing = keep(new Set<string>());
  const refused = keep<string[]>([]);
  const answer: ProtectionRules['answer'] = async (rule, { pipeline, commit, state, comment }) => {
    const found = pipelines.get(pipeline);
    if (refusing.has(rule) || found === undefined) {
      refused.push(pipeline);
      throw new Error(`the protection rule ${rule}: answered with status ${found === undefined ? 404 : 503}`);
    }
    if (found.ended) return 'over';
    const isOther = found.commit !== commit;
    answers.push({ rule, pipeline, state: isOther ? null : state, comment: isOther ? `pipeline of the commit ${found.commit}` : comment });
    return isOther ? 'other-commit' : 'taken';
  };
  return { pipelines, answers, refusing, refused, answer };
};
