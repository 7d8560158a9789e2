import type { DataOf } from '../audit/event.ts';
import { partName } from '../fields.ts';
import { counted } from '../wording.ts';

/**
 * Several reports may show together what one does not: a product has a document, a report of coverage or a job of tests for each package. A part
 * that a report says nothing about (`absent`) is as another report that counts now shows it. What a report says of a part stays.
 */

type Data = DataOf<'check.judged'>;

/** The parts that pass in one of these judgements, by their names. */
export const shownIn = (judgements: readonly Data[]): ReadonlySet<string> =>
  new Set(judgements.flatMap(({ parts = [] }) => parts.flatMap((part) => (part.verdict === 'pass' ? [partName(part.subject)] : []))));

/** The judgement with what others show of the parts that it says nothing about. It passes where nothing else keeps it from passing. */
export const completedBy = (shown: ReadonlySet<string>, data: Data): Data => {
  const { verdict, parts = [], besides } = data;
  const isElsewhere = (part: (typeof parts)[number]): boolean => part.absent === true && shown.has(partName(part.subject));
  const found = parts.filter(isElsewhere).length;
  if (found === 0 || verdict !== 'inconclusive' || besides?.verdict !== 'pass') return data;
  const completed = parts.map((part) =>
    isElsewhere(part) ? { ...part, verdict: 'pass' as const, reason: 'another report shows it' } : part,
  );
  if (completed.some((part) => part.verdict !== 'pass')) return { ...data, parts: completed };
  return {
    ...data,
    verdict: 'pass',
    reason: `${counted(parts.length + besides.leftOut, 'part')}, of which other reports show ${found}`,
    parts: completed,
  };
};
