import type { Answer } from '../api/client.ts';
import type { Problem } from '../api/problem.ts';
import type { ExitCode, Io } from './io.ts';
import { plain } from './plain.ts';

/** Prints the server's answer, or its problem document as sentences, and returns the exit code. */
export const conclude = <T>(
  io: Io,
  json: boolean | undefined,
  answer: Answer<T>,
  say: (value: T) => { readonly text: string; readonly code?: ExitCode },
): ExitCode => {
  if (answer.problem !== undefined) {
    if (json) io.out(`${JSON.stringify(answer.problem, null, 2)}\n`);
    else io.err(`${sentences(answer.problem)}\n`);
    return 1;
  }
  const { text, code = 0 } = say(answer.ok);
  io.out(json ? `${JSON.stringify(answer.ok, null, 2)}\n` : `${text}\n`);
  return code;
};

const sentences = ({ title, detail, got, expected, fix }: Problem): string =>
  [`${title}. ${detail}`, got && `  got:      ${got}`, expected && `  expected: ${expected}`, fix && `  ${fix}`]
    .flatMap((line) => (line ? [plain(line)] : []))
    .join('\n');
