import type * as z from 'zod';
import { refusalOf } from '../../lib/api/problem.ts';
import type { Outcome, Refusal } from '../../lib/outcome.ts';
import type { RunView, RunWords } from '../../lib/query/view.ts';

/** Why nothing was recorded, and the field of the form that was wrong. */
export type FormRefused<F extends string> = { readonly refusal: Refusal; readonly field?: F | undefined };

/** What a form says of its fields. */
export type FormFields<F extends string> = {
  /** What a field asks for, for a person. */
  readonly sentences: Readonly<Record<F, string>>;
  /** The field of the form, by the member of the command's input. */
  readonly fields: Readonly<Record<string, F>>;
  /** The field that the command refused. */
  readonly refused: (refusal: Refusal, input: unknown) => F | undefined;
};

/** A text as its writer sees it: a browser counts a line end as one character and sends two. */
export const asTyped = (text: string): string => text.replace(/\r\n?/g, '\n');

type Written = { readonly by: string; readonly since: string; readonly text: string };

/**
 * What the trail has of a person since then in these very words: of a form that was sent before, and whose answer was lost. Other words are
 * another form, also where they are about the same act.
 */
export const alreadyWritten = ({ words }: Pick<RunView, 'words'>, { by, since, text }: Written): readonly RunWords[] =>
  (words ?? []).filter((one) => one.by === by && one.at >= since && one.text === asTyped(text).trim());

/** Sends what a form says to its command, after the schema that API and CLI have, too. Undefined: it was recorded. */
export const sendForm = async <T, F extends string>(
  { sentences, fields, refused }: FormFields<F>,
  schema: z.ZodType<T>,
  input: unknown,
  send: (input: T) => Promise<Outcome<unknown>>,
): Promise<FormRefused<F> | undefined> => {
  const found = schema.safeParse(input);
  if (!found.success) {
    const refusal = refusalOf('body-malformed', found.error, input);
    const field = fields[String(found.error.issues[0]?.path[0] ?? '')];
    const said = field === undefined ? refusal : { type: refusal.type, detail: sentences[field] };
    return { refusal: { ...said, fix: 'Correct it in the form below and send it again.' }, field };
  }
  const outcome = await send(found.data);
  return outcome.refused === undefined ? undefined : { refusal: outcome.refused, field: refused(outcome.refused, input) };
};
