import type { AnswerOf } from '../api/client.ts';
import type { operations } from '../api/contract.ts';
import type { ListingDiff } from '../checklist/listing-diff.ts';
import { type Difference, lineDifferences, looseDifferences } from '../query/diff-words.ts';
import { counted } from '../wording.ts';
import { fitted } from './plain.ts';

/** How a definition differs from another, as the server answers it. */
export type ShownDiff = NonNullable<AnswerOf<(typeof operations)['readProfile']>['diff']>;

export const listed = (differences: readonly Difference[], columns: number | undefined): string[] =>
  differences.flatMap(({ sign, check, text, changes }) => [
    fitted(`${sign} ${check === null ? '' : `${check}: `}${text}`, columns, 4),
    ...changes.map((change) => fitted(`    ${change}`, columns, 8)),
  ]);

/** The items that were added, removed and changed, each with old and new figures. */
export const linesText = (
  diff: Pick<ListingDiff, 'added' | 'removed' | 'changed' | 'reordered'>,
  columns: number | undefined,
): string[] => [...listed(lineDifferences(diff), columns), ...(diff.reordered ? ['The items that both have stand in another order.'] : [])];

/** The whole difference, what is looser first: that is what people approve. */
export const definitionDiffText = (diff: ShownDiff, columns: number | undefined): string[] => {
  const loose = listed(looseDifferences(diff), columns);
  const lines = linesText(diff as ListingDiff, columns);
  const counts = `${counted(diff.added.length, 'check')} added, ${diff.removed.length} removed, ${diff.changed.length} changed`;
  if (loose.length + lines.length === 0) return ['Nothing changes.'];
  return [counts, '', ...loose, ...lines];
};
