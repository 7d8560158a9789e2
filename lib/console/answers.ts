import { asWords } from './format.ts';
import { type Markup, pill, type Tone } from './layout.ts';

const answerTones: Readonly<Record<string, Tone>> = { approved: 'good', rejected: 'bad', 'changes-requested': 'wait' };

/** An invalidated answer keeps what it said. */
export const answerPill = ({
  answer,
  invalidated,
  withdrawn = false,
  over = false,
}: {
  readonly answer: string | null;
  readonly invalidated: boolean;
  readonly withdrawn?: boolean;
  readonly over?: boolean;
}): Markup => {
  if (withdrawn) return pill('withdrawn', 'calm');
  const words = asWords(answer ?? (over || invalidated ? 'not answered' : 'no answer yet'));
  return invalidated ? pill(`${words}, then invalidated`, 'calm') : pill(words, answerTones[answer ?? ''] ?? 'wait');
};
