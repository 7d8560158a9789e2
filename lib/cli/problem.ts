import { correctField, type Problem } from '../api/problem.ts';
import { Unreachable } from '../api/unreachable.ts';
import { MachineFault, Usage } from './io.ts';
import { plain } from './plain.ts';

/** What fails in the command line itself: nothing was sent, or nobody answered. */
const kinds = {
  usage: { title: 'Wrong usage', status: 400 },
  'report-not-sent': { title: 'Report not sent', status: 422 },
  'report-not-judged': { title: 'Report not judged yet', status: 504 },
  unreachable: { title: 'Holdpoint cannot be reached', status: 503 },
  'needs-checkout': { title: 'A checkout is needed', status: 501 },
  fault: { title: 'The command failed', status: 500 },
} as const;

/**
 * An error of the command line in the shape of the API's problem documents, so that `--json` has one shape for all errors. The status is
 * the one that an API would have answered.
 */
export const ownProblem = (kind: keyof typeof kinds, detail: string, more: Pick<Problem, 'got' | 'expected' | 'fix'> = {}): Problem => ({
  type: `https://holdpoint.dev/problems/${kind}`,
  ...kinds[kind],
  detail,
  ...more,
  instance: 'urn:holdpoint:command-line',
});

/** Whatever was thrown, as a problem. */
export const problemFrom = (thrown: unknown): Problem => {
  if (thrown instanceof Usage) return ownProblem('usage', thrown.message);
  if (thrown instanceof Unreachable) return ownProblem('unreachable', withCause(thrown));
  if (thrown instanceof MachineFault)
    return { ...ownProblem('fault', thrown.message), type: `https://holdpoint.dev/problems/${thrown.type}`, title: thrown.title };
  return ownProblem('fault', thrown instanceof Error ? thrown.message : String(thrown));
};

/** Adds the innermost cause: `fetch` itself says only that it failed. */
const withCause = ({ message, cause }: Unreachable): string => {
  let last = cause;
  while (last instanceof Error && last.cause instanceof Error) last = last.cause;
  if (!(last instanceof Error)) return message;
  const why = last.message || (last as NodeJS.ErrnoException).code || last.name;
  return `${message} (${why})`;
};

/** A problem as lines for people. */
export const sentences = ({ title, detail, got, expected, fix }: Problem): string =>
  [
    `${title}. ${detail}`,
    got && `  got:      ${got}`,
    expected && `  expected: ${expected}`,
    // Who typed a command sends no request.
    fix && `  ${fix === correctField ? 'Nothing was recorded. Correct it, and run the command again.' : fix}`,
  ]
    .flatMap((line) => (line ? [plain(line)] : []))
    .join('\n');

/** What the system says about a file, without its own repetition of the path. */
export const fileFault = (thrown: unknown): string => {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'ELOOP') return 'its symbolic links lead in a circle';
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read it';
  return thrown instanceof Error ? thrown.message : 'unknown';
};
