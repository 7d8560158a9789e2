import type { Finding } from './view.ts';

/** "carried from 2026-11-02, counts until 2026-12-02": of a check that standing evidence of the service proves. Undefined for any other. */
export const carriedInWords = ({ subjects = [] }: Partial<Pick<Finding, 'subjects'>>): string | undefined => {
  const carried = subjects.flatMap((one) => one.carried ?? []);
  const since = carried.map((one) => one.since).sort()[0];
  if (since === undefined) return undefined;
  const until = carried.flatMap((one) => one.until ?? []).sort()[0];
  return `carried from ${since.slice(0, 10)}${until === undefined ? '' : `, counts until ${until.slice(0, 10)}`}`;
};
