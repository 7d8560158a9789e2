import type { Answer } from '../api/client.ts';
import type { ExitCode, Io } from './io.ts';
import { jsonText, plainIn } from './plain.ts';
import { sentences } from './problem.ts';

/**
 * Prints the server's answer, or its problem document as sentences, and returns the exit code. `say` gets an answer whose texts are plain;
 * with `json` the document has them as the server sent them.
 */
export const conclude = <T>(
  io: Io,
  json: boolean | undefined,
  answer: Answer<T>,
  say: (value: T) => { readonly text: string; readonly code?: ExitCode },
): ExitCode => {
  if (answer.problem !== undefined) {
    if (json) io.out(jsonText(answer.problem));
    else io.err(`${sentences(answer.problem)}\n`);
    return 1;
  }
  const { text, code = 0 } = say(plainIn(answer.ok));
  io.out(json ? jsonText(answer.ok) : `${text}\n`);
  return code;
};
