import type { ListingDiff } from '../checklist/listing-diff.ts';
import { asWords, formatInstant } from '../wording.ts';
import type { ProfileView } from './profile-view.ts';

/** How a definition differs from another, in words: for the command line and the pages. */

type Diff = NonNullable<ProfileView['diff']>;
/** `+` added, `-` removed, `~` changed. */
export type Difference = {
  readonly sign: '+' | '-' | '~';
  /** The check that it is about; null where it is about none. */
  readonly check: string | null;
  readonly text: string;
  readonly changes: readonly string[];
};

/** The items that were added, removed and changed, each with old and new figures. */
export const lineDifferences = ({ added, removed, changed }: Pick<ListingDiff, 'added' | 'removed' | 'changed'>): readonly Difference[] => [
  ...added.map(({ id, words }) => plain('+', words, id)),
  ...removed.map(({ id, words }) => plain('-', words, id)),
  ...changed.map(({ id, words, changes }): Difference => ({ sign: '~', check: id, text: words, changes: changes.map(({ says }) => says) })),
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
        `Feature ${id} (${title}) is removed, which is a deviation: ${deviation === null ? 'no reason is given' : reasonOf(deviation)}`,
      ),
    ),
    ...deviationDifferences({ added: others, removed: deviations.removed }),
    ...observed.map(({ check, title, from, to }) => plain('~', `${title}: ${untilText(from)} → ${untilText(to)}`, check)),
    ...features.added.map(({ id, title }) => plain('+', `Feature ${id} (${title})`)),
    ...features.renamed.map(({ id, from, to }) => plain('~', `Feature ${id}: ${from} → ${to}`)),
    ...targets.map(targetText),
  ];
};

/** Deviations that one side has, each with its reason where it is new. */
export const deviationDifferences = ({ added, removed }: Diff['deviations']): readonly Difference[] => [
  ...added.map((one) => plain('+', `Deviation of ${one.title}: ${one.says}. ${reasonOf(one)}`, one.check)),
  ...removed.map((one) => plain('-', `Deviation of ${one.title}: ${one.says}`, one.check)),
];

const targetText = ({ environment, target, from, to }: Diff['targets'][number]): Difference => ({
  sign: from === null ? '+' : to === null ? '-' : '~',
  check: null,
  text: `${target} in ${environment}`,
  // An alarm is its name alone.
  changes: [
    ...(from === null || to === null ? [] : [`before: ${from}`]),
    ...(to === null || target.endsWith(` ${to}`) ? [] : [from === null ? to : `now: ${to}`]),
  ],
});

const plain = (sign: Difference['sign'], text: string, check: string | null = null): Difference => ({ sign, check, text, changes: [] });

type Deviation = Diff['deviations']['added'][number];
const reasonOf = ({ reason, approver }: Deviation): string => `${reason} Accepted by the ${asWords(approver)}.`;
const untilText = (until: string | null): string => {
  if (until === null) return 'required';
  return until === 'for good' ? 'judged and shown only' : `judged and shown only until ${formatInstant(until)}`;
};
