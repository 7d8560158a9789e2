import type { Answer } from '../api/client.ts';
import { withInstants } from '../wording.ts';
import type { ExitCode, Io } from './io.ts';
import { type Named, named } from './names.ts';
import { jsonText, plainIn } from './plain.ts';
import { sentences } from './problem.ts';

/** What a command says of an answer, and its exit code. `isExact`: instants stand as the trail has them. */
type Said = { readonly text: string; readonly code?: ExitCode; readonly isExact?: boolean };

/**
 * Prints the server's answer, or its problem document as sentences, and returns the exit code. `say` gets an answer whose texts are plain;
 * people stand in it by their names where the answer has them, and instants as people read them. With `json` the document is as the server
 * sent it.
 */
export const conclude = <T>(io: Io, json: boolean | undefined, answer: Answer<T>, say: (value: T) => Said): ExitCode => {
  if (answer.problem !== undefined) {
    if (json) io.out(jsonText(answer.problem));
    else io.err(`${sentences(answer.problem)}\n`);
    return 1;
  }
  const value = plainIn(answer.ok);
  const { text, code = 0, isExact = false } = say(value);
  const shown = isExact ? text : withInstants(named(text, value as Partial<Named>));
  io.out(json ? jsonText(answer.ok) : `${shown}\n`);
  return code;
};
