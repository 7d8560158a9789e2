/** Figures in the words of their field, such as `{ tests: 12, passed: 12 }`. */
export type Words = Readonly<Record<string, unknown>>;

/** What does not add up in a report. Both numbers are null where it is no matter of numbers. */
export type Problem = {
  /** Stable, for programs: `declared-tests`, `unclear-outcome`. */
  readonly type: string;
  /** One sentence for people. */
  readonly title: string;
  readonly declared: number | null;
  readonly counted: number | null;
};

/**
 * What a parser tells beside the facts, for those who look at a report before they send it. It is never stored: facts of a type keep their
 * form for ever, this may change.
 */
export type Account = {
  /** Figures that the facts lack, or hold in another way. They take the place of those that `fieldWords` gives. */
  readonly counted?: Words;
  /** What the report says of itself, under the same names. It decides nothing. */
  readonly declared?: Words;
  readonly problems?: readonly Problem[];
};

/** A problem for every figure that the report declares and that was counted otherwise. `what` says in words what is counted. */
export const differences = (
  figures: readonly { readonly what: string; readonly declared: number | undefined; readonly counted: number; readonly slack?: number }[],
): Problem[] =>
  figures.flatMap(({ what, declared, counted, slack = 0 }) =>
    declared === undefined || Math.abs(declared - counted) <= slack
      ? []
      : [
          {
            type: `declared-${what.replace(/[^a-z]+/gi, '-').toLowerCase()}`,
            title: `The report says ${what}: ${declared}, and ${counted} was counted.`,
            declared,
            counted,
          },
        ],
  );

/** A problem without numbers. */
export const doubt = (type: string, title: string): Problem => ({ type, title, declared: null, counted: null });
