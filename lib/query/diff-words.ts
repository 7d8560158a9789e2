import type { ListingDiff, MemberChange } from '../checklist/listing-diff.ts';
import type { ProfileView } from './profile-view.ts';

/** How a definition differs from another, in words: for the command line and the pages. */

type Diff = NonNullable<ProfileView['diff']>;
/** `+` added, `-` removed, `~` changed. */
export type Difference = { readonly sign: '+' | '-' | '~'; readonly text: string; readonly changes: readonly string[] };

/** The lines that were added, removed and changed, each with old and new figures. */
export const lineDifferences = ({ added, removed, changed }: Pick<ListingDiff, 'added' | 'removed' | 'changed'>): readonly Difference[] => [
  ...added.map(({ id, words }) => plain('+', `${id}: ${words}`)),
  ...removed.map(({ id, words }) => plain('-', `${id}: ${words}`)),
  ...changed.map(({ id, words, changes }): Difference => ({ sign: '~', text: `${id}: ${words}`, changes: changes.map(changeText) })),
];

/** What is looser first: removed features and deviations; then what is observed, other features, and at what Holdpoint looks. */
export const looseDifferences = ({
  features,
  deviations,
  observed,
  targets,
}: Pick<Diff, 'features' | 'deviations' | 'observed' | 'targets'>): readonly Difference[] => {
  const removals = new Set(features.removed.flatMap(({ deviation }) => (deviation === null ? [] : [JSON.stringify(deviation)])));
  const others = deviations.added.filter((one) => !removals.has(JSON.stringify(one)));
  return [
    ...features.removed.map(({ id, title, deviation }) =>
      plain(
        '-',
        `feature ${id} (${title}) is removed, which is a deviation: ${deviation === null ? 'no reason is given' : reasonOf(deviation)}`,
      ),
    ),
    ...deviationDifferences({ added: others, removed: deviations.removed }),
    ...observed.map(({ check, from, to }) => plain('~', `observed ${check}: ${untilText(from)} -> ${untilText(to)}`)),
    ...features.added.map(({ id, title }) => plain('+', `feature ${id} (${title})`)),
    ...features.renamed.map(({ id, from, to }) => plain('~', `feature ${id}: ${from} -> ${to}`)),
    ...targets.map(targetText),
  ];
};

/** Deviations that one side has, each with its reason where it is new. */
export const deviationDifferences = ({ added, removed }: Diff['deviations']): readonly Difference[] => [
  ...added.map((one) => plain('+', `deviation ${deviationText(one)}: ${reasonOf(one)}`)),
  ...removed.map((one) => plain('-', `deviation ${deviationText(one)}`)),
];

const targetText = ({ environment, target, from, to }: Diff['targets'][number]): Difference => ({
  sign: from === null ? '+' : to === null ? '-' : '~',
  text: `${target} in ${environment}`,
  // An alarm is its name alone.
  changes: [
    ...(from === null || to === null ? [] : [`before: ${from}`]),
    ...(to === null || target.endsWith(` ${to}`) ? [] : [from === null ? to : `now: ${to}`]),
  ],
});

const plain = (sign: Difference['sign'], text: string): Difference => ({ sign, text, changes: [] });

export const changeText = ({ member, from, to }: MemberChange): string =>
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

type Deviation = Diff['deviations']['added'][number];
const deviationText = ({ check, parameter, here, document }: Deviation): string => `${check}: ${parameter} ${here} instead of ${document}`;
const reasonOf = ({ reason, approver }: Deviation): string => `${reason} Accepted by ${approver}.`;
const untilText = (until: string | null): string => (until === null ? 'required' : until);
