import { asWords, type Names } from './format.ts';
import { type Markup, pill, type Tone } from './layout.ts';

const answerTones: Readonly<Record<string, Tone>> = { approved: 'good', rejected: 'bad', 'changes-requested': 'wait' };

/** Who acts: a deputy with the person in whose stead they act. */
export const inStead = (person: string, principal: string | null, names: Names): string =>
  principal === null ? names(person) : `${names(person)} for ${names(principal)}`;

/** Who is asked: a deputy with the person for whom they may answer. */
export const askedName = ({ person, for: principal }: { readonly person: string; readonly for: string | null }, names: Names): string =>
  inStead(person, principal, names);

/** An invalidated answer keeps what it said. */
export const answerPill = ({
  answer,
  invalidated,
  withdrawn = false,
  recalled = false,
  over = false,
}: {
  readonly answer: string | null;
  readonly invalidated: boolean;
  readonly withdrawn?: boolean;
  readonly recalled?: boolean;
  readonly over?: boolean;
}): Markup => {
  if (withdrawn) return pill('withdrawn', 'calm');
  if (recalled) return pill(answer === null ? 'recalled' : `${asWords(answer)}, then recalled`, 'calm');
  const words = asWords(answer ?? (over || invalidated ? 'not answered' : 'no answer yet'));
  return invalidated ? pill(`${words}, then invalidated`, 'calm') : pill(words, answerTones[answer ?? ''] ?? 'wait');
};
