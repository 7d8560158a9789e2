/** What is read of the lanes of a scope. */

/**
 * Of all lanes whose names start with `prefix` the events behind a place and before the first event of a lane, in order of lane, then
 * sequence. With `limit` so many at most are read, which is what the query costs.
 */
export type LaneStretch = {
  readonly prefix: string;
  readonly after?: LanePlace;
  readonly before?: string;
  readonly limit?: number;
};
export type LanePlace = { readonly lane: string; readonly seq: number };
export type LaneRange =
  | { readonly lane: string; readonly fromSeq?: number }
  /** The last so many events of a lane, at most. */
  | { readonly lane: string; readonly last: number }
  /** Every lane whose name starts so; '' is the whole scope. */
  | { readonly prefix: string };
