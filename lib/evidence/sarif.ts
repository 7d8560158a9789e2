import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import type { Outcome } from '../outcome.ts';
import { evidenceType, megabyte } from './kind.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

const count = z.int().min(0);
/** Results of one tool, over all its runs in the log. */
const tool = z.strictObject({
  name: z.string(),
  /** Runs that did not end well: what such a run did not find proves nothing. */
  unfinished: count,
  error: count,
  warning: count,
  note: count,
  none: count,
  /** Results that the tool leaves to people: kind `open` or `review`. */
  undecided: count,
  /** Results that the log itself sets aside: suppressed, or absent from the baseline. */
  suppressed: count,
  /** The worst findings. */
  first: z.array(z.strictObject({ rule: z.string(), level: z.string(), place: z.string() })),
});
const facts = z.strictObject({ type: z.literal('sarif'), tools: z.array(tool) });
export type SarifFacts = z.infer<typeof facts>;
export type SarifTool = z.infer<typeof tool>;

export const sarif = evidenceType({
  id: 'sarif',
  description: 'Findings of a static analysis as SARIF 2.1.0',
  fileNames: ['*.sarif', '*.sarif.json'],
  mediaTypes: ['application/json', 'application/sarif+json'],
  maxBytes: 4 * megabyte,
  facts,
  parse: (bytes) => parse(bytes),
  sample: 'sarif.sarif',
});

const expected = 'a SARIF 2.1.0 log (OASIS, 27 March 2020)';
const mostTools = 20;

const level = z.enum(['none', 'note', 'warning', 'error']);
type Level = z.infer<typeof level>;
const component = z.looseObject({
  name: z.string().min(1),
  rules: z.array(z.looseObject({ id: z.string(), defaultConfiguration: z.looseObject({ level: level.optional() }).optional() })).optional(),
});
const location = z.looseObject({
  physicalLocation: z.looseObject({ artifactLocation: z.looseObject({ uri: z.string().optional() }).optional() }).optional(),
});
const result = z.looseObject({
  ruleId: z.string().optional(),
  ruleIndex: z.int().optional(),
  rule: z
    .looseObject({
      id: z.string().optional(),
      index: z.int().optional(),
      toolComponent: z.looseObject({ index: z.int().optional() }).optional(),
    })
    .optional(),
  kind: z.string().optional(),
  level: level.optional(),
  baselineState: z.string().optional(),
  suppressions: z.array(z.looseObject({ status: z.string().optional() })).nullish(),
  locations: z.array(location).optional(),
});
const invocation = z.looseObject({
  executionSuccessful: z.boolean().optional(),
  toolExecutionNotifications: z.array(z.looseObject({ level: z.string().optional() })).optional(),
});
const schema = z.looseObject({
  version: z.literal('2.1.0'),
  runs: z
    .array(
      z.looseObject({
        tool: z.looseObject({ driver: component, extensions: z.array(component).optional() }),
        invocations: z.array(invocation).optional(),
        externalPropertyFileReferences: z.looseObject({ results: z.array(z.unknown()).optional() }).optional(),
        results: z.array(result).nullish(),
      }),
    )
    .min(1),
});
type Run = z.infer<typeof schema>['runs'][number];
type Result = z.infer<typeof result>;
/** What a result counts as; undefined when it is not a finding. */
type Standing = Level | 'undecided' | 'suppressed' | undefined;

/** Counts results per tool and level, so that a rule can judge one tool alone. */
const parse = (bytes: Uint8Array): Outcome<SarifFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const log = schema.safeParse(json.ok);
  if (!log.success)
    return unreadable('The JSON is not a SARIF log.', { got: firstIssue(log.error), expected, fix: 'Use the SARIF output of the tool.' });
  const { runs } = log.data;
  const absent = runs.find((run) => run.results == null || (run.externalPropertyFileReferences?.results ?? []).length > 0);
  if (absent !== undefined)
    return unreadable(
      'A run of the SARIF log has no results: the tool did not scan, or wrote them to another file (SARIF 2.1.0, 3.14.23).',
      {
        got: `${absent.tool.driver.name} without results`,
        expected: 'a results array, empty when nothing was found',
        fix: 'Let the tool run to its end and write one file.',
      },
    );
  const names = [...new Set(runs.map((run) => run.tool.driver.name))].sort();
  if (names.length > mostTools)
    return unreadable('The SARIF log has too many tools.', {
      got: `${names.length} tools`,
      expected: `${mostTools} tools at most`,
      fix: 'Send one log per tool.',
    });
  return {
    ok: {
      type: 'sarif',
      tools: names.map((name) =>
        toolOf(
          name,
          runs.filter((run) => run.tool.driver.name === name),
        ),
      ),
    },
  };
};

const worst = ['error', 'warning', 'note', 'none', 'undecided'];

const toolOf = (name: string, runs: readonly Run[]): SarifTool => {
  const found = runs.flatMap((run) => {
    const levels = defaultLevels(run);
    return (run.results ?? []).map((one) => ({ one, standing: standingOf(one, levels) }));
  });
  const countOf = (wanted: Standing): number => found.filter(({ standing }) => standing === wanted).length;
  return {
    name: excerpt(name, 100),
    unfinished: runs.filter(isUnfinished).length,
    error: countOf('error'),
    warning: countOf('warning'),
    note: countOf('note'),
    none: countOf('none'),
    undecided: countOf('undecided'),
    suppressed: countOf('suppressed'),
    first: found
      .flatMap(({ one, standing }) => (standing === undefined || standing === 'suppressed' ? [] : [{ one, standing }]))
      .sort((a, b) => worst.indexOf(a.standing) - worst.indexOf(b.standing))
      .slice(0, 20)
      .map(({ one, standing }) => shown(one, standing)),
  };
};

const shown = (one: Result, standing: string): SarifTool['first'][number] => ({
  rule: excerpt(one.ruleId ?? one.rule?.id ?? 'unnamed', 100),
  level: standing,
  place: excerpt(one.locations?.[0]?.physicalLocation?.artifactLocation?.uri ?? '', 200),
});

/** A tool that failed, or that reports an error of its own, did not scan everything (SARIF 2.1.0, 3.20.14 and 3.20.21). */
const isUnfinished = ({ invocations = [] }: Run): boolean =>
  invocations.some(
    ({ executionSuccessful, toolExecutionNotifications = [] }) =>
      executionSuccessful === false || toolExecutionNotifications.some((notification) => notification.level === 'error'),
  );

/** A result is suppressed when it has suppressions and all of them are accepted (SARIF 2.1.0, 3.27.23). */
const isSuppressed = ({ suppressions }: Result): boolean => {
  const all = suppressions ?? [];
  return all.length > 0 && all.every(({ status }) => status === undefined || status === 'accepted');
};

/**
 * Only results of kind `fail` have a level (SARIF 2.1.0, 3.27.9 and 3.27.10). A result of another kind that has one all the same is a
 * finding, and so is a result of an unknown kind.
 */
const standingOf = (one: Result, levels: (one: Result) => Level): Standing => {
  const kind = one.kind ?? 'fail';
  const leveled = one.level !== undefined && one.level !== 'none';
  const isFinding = leveled || !['pass', 'notApplicable', 'informational'].includes(kind);
  if (!isFinding) return undefined;
  if (isSuppressed(one) || one.baselineState === 'absent') return 'suppressed';
  if (!leveled && (kind === 'open' || kind === 'review')) return 'undecided';
  return one.level ?? levels(one);
};

/** A result without a level has the default of its rule, and `warning` when the rule has none. An extension may define the rule. */
const defaultLevels = ({ tool: { driver, extensions = [] } }: Run): ((one: Result) => Level) => {
  const rules = [driver, ...extensions].flatMap((part) => part.rules ?? []);
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return ({ ruleId, ruleIndex, rule }) => {
    const part = rule?.toolComponent?.index === undefined ? driver : extensions[rule.toolComponent.index];
    const id = ruleId ?? rule?.id ?? '';
    // A result may name a part of a rule: `CA1000/1` belongs to the rule `CA1000` (3.27.5).
    const found = part?.rules?.[rule?.index ?? ruleIndex ?? -1] ?? byId.get(id) ?? byId.get(id.split('/')[0] ?? '');
    return found?.defaultConfiguration?.level ?? 'warning';
  };
};
