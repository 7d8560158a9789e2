import type { PartSubject } from './fields.ts';

/** The seven verdicts of a check. `pass`, `waived` and `not-applicable` satisfy it. */
export const verdicts = ['pass', 'fail', 'inconclusive', 'missing', 'error', 'waived', 'not-applicable'] as const;
export type Verdict = (typeof verdicts)[number];

/** What a judgement can say; `waived` is people's, `missing` the absence of a judgement. Only a step that the profile leaves out is judged `not-applicable`. */
export const judgedVerdicts = ['pass', 'fail', 'inconclusive', 'error', 'not-applicable'] as const satisfies readonly Verdict[];
export type JudgedVerdict = (typeof judgedVerdicts)[number];

/** Worst first: a check is as good as its worst part, and a reader sees what is not satisfied before exceptions and what passed. */
export const verdictsByWeight: readonly Verdict[] = ['error', 'fail', 'inconclusive', 'missing', 'waived', 'not-applicable', 'pass'];

export const satisfies = (verdict: Verdict): boolean => verdict === 'pass' || verdict === 'waived' || verdict === 'not-applicable';

/** The reason of a check for which nothing was sent. */
export const noEvidence = 'no evidence yet';

/** Whether a check keeps its gate from passing. Checks in another mode than `required` are shown only. */
export const isUnsatisfied = ({ mode, verdict }: { readonly mode: string; readonly verdict: Verdict }): boolean =>
  mode === 'required' && !satisfies(verdict);

/**
 * How strong a proof is. measured: from reports or events; shortened: measured over a shorter window; attested: a person's statement;
 * simulated: the statement of an invented person of a local stage; waived, not-applicable: an exception.
 */
export const bases = ['measured', 'configured', 'shortened', 'attested', 'simulated', 'waived', 'not-applicable'] as const;
export type Basis = (typeof bases)[number];

/** A judgement of one piece of evidence against one check: pure, with the reason that is shown. */
export type Judgement = {
  readonly verdict: JudgedVerdict;
  /** One sentence with the figures: "312 tests, 0 failed, 2 skipped". Under 300 characters. */
  readonly reason: string;
  /** Of a rule that judges features, endpoints or components: each by itself. An exception can be made for one of them. */
  readonly parts?: readonly JudgedPart[];
  /** Stands beside `parts`: what the judgement rests on besides them, which no exception for a part covers. */
  readonly besides?: Besides;
};
/** One feature, endpoint, component, test or file as it was judged. */
export type JudgedPart = {
  readonly subject: PartSubject;
  readonly verdict: JudgedVerdict;
  readonly reason: string;
  /** The report says nothing about it, so another report may show it. */
  readonly absent?: true;
};
/** `leftOut`: how many parts are not listed. Where one of them does not pass, `verdict` is no pass. */
export type Besides = { readonly verdict: JudgedVerdict; readonly reason: string; readonly leftOut: number };
