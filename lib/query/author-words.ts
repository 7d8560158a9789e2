import { counted } from '../wording.ts';

type Shown = { readonly people: readonly string[]; readonly others: number; readonly isUnnamed: boolean };

/** Who wrote the release, in words: pages, mails and the command line say the same. `people`: their names. */
export const authorWords = ({ people, others, isUnnamed }: Shown): string => {
  const all = [
    ...people,
    ...(others === 0 ? [] : [`${counted(others, 'account')} not in the roster`]),
    ...(isUnnamed ? ['somebody whose account the code host does not know'] : []),
  ];
  return all.length === 0 ? 'nobody, because it brings no commit' : all.join(', ');
};
