/** A protection rule of the stage file, as far as it decides: jobs for `environment` wait until `gate` has passed. */
export type ProtectionRuleFacts = { readonly id: string; readonly environment: string; readonly gate: string };

/** What a job that waits at a protected environment is answered. `state` null: it waits on, and the comment says for what. */
export type JobAnswer = {
  readonly service: string;
  /** The pipeline to which the job belongs, as the code host numbers it, and the commit that it must be about. */
  readonly pipeline: string;
  readonly commit: string;
  readonly state: 'approved' | 'rejected' | null;
  readonly comment: string;
};

/**
 * taken: the code host has the answer. other-commit: it says that the pipeline is about another commit or repository, so nothing was approved or
 * rejected. over: the pipeline has ended.
 */
export const jobAnswers = ['taken', 'other-commit', 'over'] as const;

/** Answers jobs that wait at a protected environment: `rule` is the id of a rule of the service. A throw means that the answer may not have arrived. */
export interface ProtectionRules {
  answer(rule: string, answer: JobAnswer): Promise<(typeof jobAnswers)[number]>;
}
