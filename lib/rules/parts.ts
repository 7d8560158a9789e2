import { longestPartId, partName } from '../fields.ts';
import { type Besides, type JudgedPart, type Judgement, verdictsByWeight } from '../verdict.ts';
import { counted } from '../wording.ts';

/** So many parts are named in a judgement: an event has to stay small. */
export const mostParts = 200;

const rank = ({ verdict }: Pick<JudgedPart, 'verdict'>): number => verdictsByWeight.indexOf(verdict);

type Judged = {
  readonly parts: readonly JudgedPart[];
  /** What is judged of no part. Absent: nothing. */
  readonly besides?: Pick<Besides, 'verdict' | 'reason'> | undefined;
  /** How many parts pass that the facts do not name. */
  readonly unnamed?: number;
};

/**
 * The judgement with its parts as data, those that do not pass first. A part that cannot be named, or for which there is no room, counts with
 * what is judged besides the parts. So does whatever keeps the judgement from passing although every part passes.
 */
export const withParts = (judgement: Judgement, { parts, besides, unnamed = 0 }: Judged): Judgement => {
  const merged = [...mergedParts(parts.filter(isNameable)), ...parts.filter((part) => !isNameable(part))];
  const listed = merged.filter(isNameable).slice(0, mostParts);
  const others = merged.filter((part) => !listed.includes(part));
  const bad = others.filter(({ verdict }) => verdict !== 'pass').toSorted((a, b) => rank(a) - rank(b));
  const rest = besides?.verdict === 'pass' ? undefined : besides;
  const unexplained = judgement.verdict !== 'pass' && listed.every(({ verdict }) => verdict === 'pass') ? judgement : undefined;
  const hidden: Pick<Besides, 'verdict' | 'reason'> | undefined = bad[0] && {
    verdict: bad[0].verdict,
    reason: `${counted(bad.length, 'part')} that ${bad.length === 1 ? 'is' : 'are'} not listed: ${bad[0].reason}`,
  };
  const { verdict, reason } = rest ?? hidden ?? unexplained ?? { verdict: 'pass', reason: '' };
  return { ...judgement, parts: listed, besides: { verdict, reason, leftOut: others.length + unnamed } };
};

const isNameable = ({ subject: { id } }: JudgedPart): boolean => id.length > 0 && id.length <= longestPartId;

/** Each subject once, as bad as its worst part; the worst parts first, else in the given order. */
export const mergedParts = <T extends Pick<JudgedPart, 'subject' | 'verdict'>>(parts: readonly T[]): readonly T[] => {
  const found = new Map<string, T>();
  for (const part of parts) {
    const known = found.get(partName(part.subject));
    if (known === undefined || rank(part) < rank(known)) found.set(partName(part.subject), part);
  }
  return [...found.values()].sort((a, b) => rank(a) - rank(b));
};
