import * as z from 'zod';
import type { Outcome } from '../outcome.ts';
import type { SarifFacts } from './facts.ts';
import { jsonOf, unreadable } from './unreadable.ts';

const expected = 'a SARIF 2.1.0 log (OASIS, 27 March 2020)';

const level = z.enum(['none', 'note', 'warning', 'error']);
const schema = z.looseObject({
  version: z.literal('2.1.0'),
  runs: z
    .array(
      z.looseObject({
        tool: z.looseObject({
          driver: z.looseObject({
            name: z.string().min(1),
            rules: z
              .array(z.looseObject({ id: z.string(), defaultConfiguration: z.looseObject({ level: level.optional() }).optional() }))
              .optional(),
          }),
        }),
        results: z
          .array(
            z.looseObject({
              ruleId: z.string().optional(),
              ruleIndex: z.int().optional(),
              kind: z.string().optional(),
              level: level.optional(),
              suppressions: z.array(z.looseObject({ status: z.string().optional() })).nullish(),
              locations: z
                .array(
                  z.looseObject({
                    physicalLocation: z
                      .looseObject({ artifactLocation: z.looseObject({ uri: z.string().optional() }).optional() })
                      .optional(),
                  }),
                )
                .optional(),
            }),
          )
          .nullish(),
      }),
    )
    .min(1),
});
type Log = z.infer<typeof schema>;
type Run = Log['runs'][number];
type Result = NonNullable<Run['results']>[number];

/** Counts results per level. A result without a level has its rule's default, and `warning` where the rule says none (SARIF 2.1.0, 3.27.10). */
export const parseSarif = (bytes: Uint8Array): Outcome<SarifFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const log = schema.safeParse(json.ok);
  if (!log.success) {
    const [issue] = log.error.issues;
    return unreadable('The JSON is not a SARIF log.', {
      got: `${issue?.path.join('.')}: ${issue?.message}`,
      expected,
      fix: 'Use the SARIF output of the tool.',
    });
  }
  const absent = log.data.runs.find((run) => run.results == null);
  if (absent !== undefined)
    return unreadable('A run of the SARIF log has no results: the tool did not look (SARIF 2.1.0, 3.14.23).', {
      got: `${absent.tool.driver.name} without results`,
      expected: 'a results array, empty when nothing was found',
      fix: 'Let the tool run to its end.',
    });
  const found = log.data.runs.flatMap((run) => (run.results ?? []).map((result) => ({ result, level: levelOf(result, run) })));
  const counted = found.filter(({ result }) => !isSuppressed(result));
  const count = (wanted: string): number => counted.filter((one) => one.level === wanted).length;
  return {
    ok: {
      type: 'sarif',
      tools: [...new Set(log.data.runs.map((run) => run.tool.driver.name))].sort(),
      error: count('error'),
      warning: count('warning'),
      note: count('note'),
      suppressed: found.length - counted.length,
      first: counted
        .filter((one) => one.level !== 'none')
        .slice(0, 20)
        .map(({ result, level: shown }) => ({
          rule: (result.ruleId ?? 'unnamed').slice(0, 100),
          level: shown,
          place: (result.locations?.[0]?.physicalLocation?.artifactLocation?.uri ?? '').slice(0, 200),
        })),
    },
  };
};

const levelOf = (result: Result, run: Run): z.infer<typeof level> => {
  if (result.kind !== undefined && result.kind !== 'fail') return 'none';
  const rules = run.tool.driver.rules ?? [];
  const rule =
    result.ruleIndex !== undefined && result.ruleIndex >= 0 ? rules[result.ruleIndex] : rules.find(({ id }) => id === result.ruleId);
  return result.level ?? rule?.defaultConfiguration?.level ?? 'warning';
};

/** Suppressed only when a suppression is there and none is under review or rejected (SARIF 2.1.0, 3.27.23). */
const isSuppressed = (result: Result): boolean => {
  const all = result.suppressions ?? [];
  return all.length > 0 && all.every(({ status }) => status === undefined || status === 'accepted');
};
