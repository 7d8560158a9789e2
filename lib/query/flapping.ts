import type { Finding } from '../evaluation/finding.ts';

/** For people: the mark of a check whose results alternated in the run. Undefined where they did not. */
export const flappingInWords = ({ flapping }: Partial<Pick<Finding, 'flapping'>>): string | undefined =>
  flapping === undefined ? undefined : `flapping: ${flapping.join(', ')}`;
