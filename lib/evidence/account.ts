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

type Figure = {
  readonly what: string;
  readonly declared: number | undefined;
  readonly counted: number;
  /** What was counted before records of the same thing were merged. */
  readonly unmerged?: number;
  readonly slack?: number;
};

/**
 * A problem for every figure that the report declares and that was counted otherwise. `what` says in words what is counted. Where merging alone
 * makes the difference, the problem says so.
 */
export const differences = (figures: readonly Figure[]): Problem[] =>
  figures.flatMap(({ what, declared, counted, unmerged, slack = 0 }) => {
    const isNear = (own: number): boolean => declared !== undefined && Math.abs(declared - own) <= slack;
    if (declared === undefined || isNear(counted)) return [];
    const isMerged = unmerged !== undefined && isNear(unmerged);
    return [
      {
        type: `${isMerged ? 'merged' : 'declared'}-${what.replace(/[^a-z]+/gi, '-').toLowerCase()}`,
        title: isMerged
          ? `The report says ${what}: ${declared}. It names some of them more than once; with these merged, ${counted} was counted.`
          : `The report says ${what}: ${declared}, and ${counted} was counted.`,
        declared,
        counted,
      },
    ];
  });

/** A problem without numbers. */
export const doubt = (type: string, title: string): Problem => ({ type, title, declared: null, counted: null });

/** Two figures that cannot both be true, in words, with the one that the report states and the one that follows from its others. */
export type Contradiction = { readonly text: string; readonly declared: number | null; readonly counted: number | null };

export const contradiction = (text: string, declared: number | null, counted: number | null): Contradiction => ({
  text,
  declared,
  counted,
});

export const problemsOf = (contradictions: readonly Contradiction[], type = 'contradiction'): Problem[] =>
  contradictions.map(({ text: title, declared, counted }) => ({ type, title, declared, counted }));
