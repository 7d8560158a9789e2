/**
 * Counters that keep callers from storing without end. A hint and never the truth: what is counted may not have been stored, and a lost
 * counter begins again. Nothing reads them but `take`.
 */
export interface Quotas {
  /**
   * Counts each use, in order, unless that would pass a limit: then it counts that use and those after it not at all and returns which
   * limit. Adding and comparing is one step, so that callers at the same moment cannot pass a limit together. Throws a `TypeError` for a use that
   * counts nothing.
   */
  take(uses: readonly Use[]): Promise<Overrun | undefined>;
}
/** What is used up under one key. The counter may be forgotten after `until`. */
export type Use = {
  readonly key: string;
  readonly until: Date;
  readonly amounts: readonly { readonly name: string; readonly add: number; readonly most: number }[];
  /** A value of which only so many different ones are taken. */
  readonly distinct?: { readonly name: string; readonly value: string; readonly most: number };
};
/** `use` is the place in the list, `name` that of the amount, `counted` what had been counted before. */
export type Overrun = { readonly use: number; readonly name: string; readonly counted: number };
