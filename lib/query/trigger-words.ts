import { isMeasured } from '../folds/rollback.ts';

/** How a trigger was recorded. */
export const triggerWords = (
  trigger: { readonly by: string | null; readonly reason: string | null },
  name: (person: string) => string,
): string => {
  if (trigger.by !== null) return `declared by ${name(trigger.by)}`;
  return isMeasured(trigger) ? 'measured' : 'declared with AWS credentials alone';
};
