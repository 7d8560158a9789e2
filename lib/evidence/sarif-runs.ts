import type { Log, Run } from './sarif-schema.ts';

type Inline = NonNullable<Log['inlineExternalProperties']>[number];

/** The runs of a log with the properties that stand in the same file outside of them (SARIF 2.1.0, 3.13.5 and 3.15.3). */
export const runsOf = ({ runs, inlineExternalProperties }: Log): Run[] =>
  runs.map((run) =>
    completed(
      run,
      (inlineExternalProperties ?? []).filter((one) => runs.length === 1 || belongsTo(one, run)),
    ),
  );

/** Whether findings, or signs of how a run ended, stand outside of the runs and do not say of which run they are. */
export const hasStrays = ({ runs, inlineExternalProperties }: Log): boolean =>
  runs.length > 1 &&
  (inlineExternalProperties ?? []).some(
    (one) =>
      (one.results ?? one.invocations ?? one.driver ?? one.extensions ?? one.conversion) != null &&
      !runs.some((run) => belongsTo(one, run)),
  );

const belongsTo = ({ guid, runGuid }: Inline, run: Run): boolean =>
  (typeof runGuid === 'string' && same(runGuid, run.automationDetails?.guid)) ||
  (typeof guid === 'string' && referencesOf(run).some((reference) => same(guid, reference.guid)));

const same = (a: string, b: string | null | undefined): boolean => a.toLowerCase() === b?.toLowerCase();

const referencesOf = ({ externalPropertyFileReferences: of }: Run) => [
  ...(of?.results ?? []),
  ...(of?.invocations ?? []),
  ...(of?.extensions ?? []),
  ...(of?.driver ? [of.driver] : []),
  ...(of?.conversion ? [of.conversion] : []),
];

/** Whether a part of the run that is judged stands in another file. */
export const isElsewhere = (run: Run, { inlineExternalProperties }: Log): boolean =>
  referencesOf(run).some(
    ({ guid }) => !(inlineExternalProperties ?? []).some((one) => typeof one.guid === 'string' && same(one.guid, guid)),
  );

const completed = (run: Run, inline: readonly Inline[]): Run => {
  if (inline.length === 0) return run;
  const { driver, extensions } = run.tool;
  const conversions = inline.flatMap(({ conversion }) => (conversion?.invocation == null ? [] : [conversion.invocation]));
  const scanned = run.results != null || inline.some(({ results }) => results != null);
  return {
    ...run,
    tool: {
      ...run.tool,
      driver: {
        ...driver,
        rules: [...(driver.rules ?? []), ...inline.flatMap((one) => one.driver?.rules ?? [])],
        notifications: [...(driver.notifications ?? []), ...inline.flatMap((one) => one.driver?.notifications ?? [])],
      },
      extensions: [...(extensions ?? []), ...inline.flatMap((one) => one.extensions ?? [])],
    },
    invocations: [...(run.invocations ?? []), ...inline.flatMap(({ invocations }) => invocations ?? []), ...conversions],
    results: scanned ? [...(run.results ?? []), ...inline.flatMap(({ results }) => results ?? [])] : null,
  };
};
