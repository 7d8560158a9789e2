import type { AnswerOf } from '../api/client.ts';
import type { operations } from '../api/contract.ts';
import type { ListingDiff, MemberChange } from '../checklist/listing-diff.ts';
import { fitted } from './plain.ts';

/** How a definition differs from another, as the server answers it. */
export type ShownDiff = NonNullable<AnswerOf<(typeof operations)['readProfile']>['diff']>;

/** The lines that were added, removed and changed, each with old and new figures. */
export const linesText = (
  { added, removed, changed, reordered }: Pick<ListingDiff, 'added' | 'removed' | 'changed' | 'reordered'>,
  columns: number | undefined,
): string[] => {
  const listed = (sign: string, lines: ListingDiff['added']): string[] =>
    lines.map(({ id, words }) => fitted(`${sign} ${id}: ${words}`, columns, 4));
  return [
    ...listed('+', added),
    ...listed('-', removed),
    ...changed.flatMap(({ id, words, changes }) => [
      fitted(`~ ${id}: ${words}`, columns, 4),
      ...changes.map((change) => fitted(`    ${changeText(change)}`, columns, 8)),
    ]),
    ...(reordered ? ['The lines that both have stand in another order.'] : []),
  ];
};

const changeText = ({ member, from, to }: MemberChange): string =>
  `${member.replace(/^rule\./, '')}: ${valueText(from, to)} -> ${valueText(to, from)}`;

/** Of two lists of features or the like only what differs is shown: most of them are the same. */
const valueText = (value: unknown, other: unknown): string => {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) {
    const known = new Set(Array.isArray(other) ? other.map((one) => JSON.stringify(one)) : []);
    const own = value.some(isObject) ? value.filter((one) => !known.has(JSON.stringify(one))) : value;
    return own.map((one) => (isObject(one) ? JSON.stringify(one) : String(one))).join(', ') || 'nothing';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** The whole difference, what is looser first: that is what people approve. */
export const definitionDiffText = (diff: ShownDiff, columns: number | undefined): string[] => {
  const { features, deviations, observed } = diff;
  const removals = new Set(features.removed.flatMap(({ deviation }) => (deviation === null ? [] : [JSON.stringify(deviation)])));
  const others = deviations.added.filter((one) => !removals.has(JSON.stringify(one)));
  const loose = [
    ...features.removed.map(
      ({ id, title, deviation }) =>
        `- feature ${id} (${title}) is removed, which is a deviation: ${deviation === null ? 'no reason is given' : reasonOf(deviation)}`,
    ),
    ...others.map((one) => `+ deviation ${deviationText(one)}: ${reasonOf(one)}`),
    ...deviations.removed.map((one) => `- deviation ${deviationText(one)}`),
    ...observed.map(({ check, from, to }) => `~ observed ${check}: ${untilText(from)} -> ${untilText(to)}`),
    ...features.added.map(({ id, title }) => `+ feature ${id} (${title})`),
    ...features.renamed.map(({ id, from, to }) => `~ feature ${id}: ${from} -> ${to}`),
  ];
  const lines = linesText(diff as ListingDiff, columns);
  const counts = `${diff.added.length} checks added, ${diff.removed.length} removed, ${diff.changed.length} changed`;
  if (loose.length + lines.length === 0) return ['Nothing changes.'];
  return [counts, '', ...loose.map((line) => fitted(line, columns, 4)), ...lines];
};

type Deviation = ShownDiff['deviations']['added'][number];
const deviationText = ({ check, parameter, here, document }: Deviation): string => `${check}: ${parameter} ${here} instead of ${document}`;
const reasonOf = ({ reason, approver }: Deviation): string => `${reason} Accepted by ${approver}.`;
const untilText = (until: string | null): string => (until === null ? 'required' : until);
