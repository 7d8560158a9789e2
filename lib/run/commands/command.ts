import type * as z from 'zod';
import type { EventType } from '../../audit/event.ts';
import { type Outcome, ok, type Refusal } from '../../outcome.ts';
import type { Caller } from '../state/caller.ts';
import type { RunContext } from '../state/run-context.ts';
import { type Append, type AppendedToRun, appendToRun, type WriterDependencies } from '../writing/append.ts';
import { addressing } from '../writing/source-address.ts';
import { type OpenDependencies, openRun, recordRefusal } from './refusals.ts';

/**
 * A command as a value: a function with its id, the schema of what is sent, and who may call it. API, CLI and tests enumerate commands
 * (`index.ts`). Calling it performs it: the answer, or a refusal that is recorded beside the run.
 */
export type Command<I, C extends Caller, D, A> = ((deps: D, input: I, caller: C) => Promise<Outcome<A>>) & {
  readonly id: string;
  /** The body as the API parses it; what stands in the path and in headers comes beside it. */
  readonly input: z.ZodType;
  readonly callers: readonly Caller['kind'][];
};

/** What a command does once nothing refuses it: it appends one event, then answers. */
export type Step<A> = (deps: WriterDependencies, context: RunContext) => Promise<Outcome<A>>;

type Decide<I, C extends Caller, D, A> = (
  deps: D,
  context: RunContext,
  input: I,
  caller: C,
) => Promise<Outcome<Step<A>> | { readonly refused: Refusal }>;

type CommandDependencies = WriterDependencies & OpenDependencies;

/** A command on a run: open the run, decide, then refuse or append. The skeleton stands here and nowhere else. */
export const runCommand = <I extends { readonly run: string }, C extends Caller, D extends CommandDependencies, A>(given: {
  readonly id: string;
  readonly input: z.ZodType;
  readonly callers: readonly C['kind'][];
  /** Names the attempt in a recorded refusal. */
  readonly action: (input: I) => string;
  /** Reads what it needs, and refuses or says what to append. It writes nothing to the trail. */
  readonly decide: Decide<I, C, D, A>;
}): Command<I, C, D, A> => {
  const { id, input: schema, callers, action, decide } = given;
  const perform = async (deps: D, input: I, caller: C): Promise<Outcome<A>> => {
    const name = action(input);
    const opened = await openRun(deps, input.run, caller, name);
    if (opened.refused) return opened;
    const context = opened.ok;
    const own = addressing(deps, caller);
    const step = await decide(own, context, input, caller);
    const outcome = step.refused === undefined ? await step.ok(own, context) : { refused: step.refused };
    return outcome.refused === undefined ? outcome : recordRefusal(deps, context, caller, name, outcome.refused);
  };
  return Object.assign(perform, { id, input: schema, callers });
};

/** A step that appends one event by `appendToRun`. `answer` may still refuse, when another writer came first. */
export const append = <T extends EventType, A>(
  given: Append<T> & { readonly answer: (appended: AppendedToRun<T>) => Promise<Outcome<A>> | Outcome<A> },
): Outcome<Step<A>> => ok(async (deps, context) => given.answer(await appendToRun(deps, context, given)));
