/**
 * What a service says of itself that stands in rules, for one check. A module of a rule says which of them it takes; the others change nothing.
 */
export type ServiceParameters = {
  readonly features: readonly {
    readonly id: string;
    readonly paths: readonly string[];
    readonly floorPct?: number | undefined;
  }[];
  /** Which tests are about each feature, of the check that the features' own tests prove: those of its suites, or else of what has its name or its paths. */
  readonly tested?:
    | readonly { readonly id: string; readonly paths: readonly string[]; readonly suites?: readonly string[] | undefined }[]
    | undefined;
  /** The suites that prove the check. */
  readonly suites?: readonly string[] | undefined;
  /** The file of the repository that proves the check. */
  readonly document?: string | undefined;
  /** What the tests of the check must name. */
  readonly exercised?: { readonly endpoints?: string[]; readonly services?: string[] } | undefined;
  /** The endpoints of the service, as "GET /orders". */
  readonly endpoints?: readonly string[] | undefined;
  /** The services of the product. */
  readonly services?: readonly string[] | undefined;
  /** Globs of the production files: those of all features. */
  readonly production?: readonly string[] | undefined;
  /** Globs of the files that migrate data. */
  readonly migrations?: readonly string[] | undefined;
  /** How many clients the service has at once at its peak. */
  readonly expectedPeak?: number | undefined;
  readonly ports?: { readonly from: number; readonly to: number } | undefined;
};
export type ServiceParameter = keyof ServiceParameters;

/** What a module says of them. `fitted` gives the rule with the parameters in it. */
export type ServiceSide<R> = {
  readonly takes: (rule: R) => readonly ServiceParameter[];
  readonly fitted: (rule: R, given: ServiceParameters) => R;
  /** The rule without the choice that it makes among what a report shows; the rule itself where it makes none. */
  readonly whole?: (rule: R) => R;
};
