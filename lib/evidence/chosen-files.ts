import { canonical, sha256 } from '../canonical-json.ts';

/** Names the globs by which the files of a scan were chosen, in whatever order they stand. */
export const chosenBy = (globs: readonly string[]): string => sha256(canonical([...new Set(globs)].sort())).slice(0, 16);
