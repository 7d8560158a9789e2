import { baseChecklist } from '../lib/checklist/checklist.ts';
import { backupCheck, type Checklist, type Deviation, type Item } from '../lib/checklist/definition.ts';
import { checklistFor } from '../lib/checklist/stage-checklist.ts';
import { kindOf } from '../lib/registry/rules.ts';
import { withinBaseline } from '../lib/rules/within-baseline.ts';

/** What the stories change of the checklist: a test has no day, and the sample of a load test no minute. */
const deviations: Deviation[] = [
  {
    check: 'soak-24h',
    parameter: 'minDurationSeconds',
    document: 86_400,
    here: 30,
    reason: 'a story in a test has no day',
    approver: 'operations-lead',
  },
  {
    check: 'soak-24h',
    parameter: 'minPoints',
    document: 1440,
    here: 30,
    reason: 'a story in a test has no day',
    approver: 'operations-lead',
  },
  {
    check: 'load-tests-peak',
    parameter: 'minDurationSeconds',
    document: 60,
    here: 6,
    reason: 'the sample of a load test has no minute',
    approver: 'operations-lead',
  },
];

/** The stories waive it, so that a waiver is part of each of them. */
export const waivedCheck = 'final-code-review';

const named = new Set(baseChecklist.items.flatMap(({ rule }) => (rule === null ? [] : kindOf(rule).refersTo(rule as never))));

const manyAlike = ({ id, gate, optional, onFail, rule }: Item): string | undefined => {
  if (rule === null || gate === null || optional || onFail !== undefined || id === waivedCheck || id === backupCheck || named.has(id))
    return undefined;
  if (rule.kind.endsWith('-record/1')) return 'record';
  return 'suites' in rule && rule.suites !== undefined ? 'suites' : undefined;
};

/**
 * The tests and figures of a first release can be compared with none: `last-release.test.ts` and `last-stable-figures.test.ts` play the
 * comparisons. Figures are compared with the run's own baseline here.
 */
export const ofFirstRelease = (checklist: Checklist): Checklist => ({
  ...checklist,
  items: checklist.items.map((item) => {
    if (item.rule?.kind === 'within-last-stable/1') {
      const { kind: _kind, stableSeries: _series, figures: _figures, floorPct: _floor, ...rule } = item.rule;
      return { ...item, rule: withinBaseline.of({ ...rule, figure: 'p95' }) };
    }
    if (item.rule?.kind !== 'junit-passes/1') return item;
    const { comparedWith: _, ...rule } = item.rule;
    return { ...item, rule };
  }),
});

/** Every item of the document, with shorter tests. Each story is a first release. */
export const wholeChecklist: Checklist = ofFirstRelease(checklistFor(deviations));

/**
 * Of the checks that records or certain suites prove, the first of each gate: what a story is about does not change with how many there are,
 * and the stories take a third less time. `whole-run.test.ts` and `one-bad-proof.test.ts` play all of them.
 */
export const storyChecklist: Checklist = {
  ...wholeChecklist,
  items: wholeChecklist.items.filter((item, place, all) => {
    const kind = manyAlike(item);
    return kind === undefined || all.findIndex((one) => one.gate === item.gate && manyAlike(one) === kind) === place;
  }),
};
