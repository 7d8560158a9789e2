import { onlyMembers, rewrittenJson, withoutMembers } from './scrubbed.ts';
import { toolName } from './tool-names.ts';

/** Members of any log that quote source code, or the environment and the output of the tool. They decide nothing. */
const quotes: ReadonlySet<string> = new Set([
  'snippet',
  'contextRegion',
  'contents',
  'rendered',
  'fixes',
  'environmentVariables',
  'commandLine',
  'arguments',
  'stdin',
  'stdout',
  'stderr',
  'stdoutStderr',
  'webRequest',
  'webResponse',
  'webRequests',
  'webResponses',
]);

/** Tools that look for secrets write into the message what they found. */
const secretScanners: ReadonlySet<string> = new Set(['gitleaks', 'secretlint', 'trufflehog', 'detect-secrets', 'ggshield', 'whispers']);

/** What is kept of a secret that was found: which rule found it, where, and how it counts. */
const ofSecret: ReadonlySet<string> = new Set([
  'ruleId',
  'ruleIndex',
  'rule',
  'kind',
  'level',
  'baselineState',
  'provenance',
  'suppressions',
  'locations',
  'guid',
  'correlationGuid',
]);
const removed = { text: 'The text of this finding was not kept: it may quote the secret.' };

/** A SARIF log as it is kept: without quoted code, and of secrets only where they are. */
export const scrubbedSarif = (bytes: Uint8Array): Uint8Array => rewrittenJson(bytes, (log) => withoutSecrets(withoutMembers(log, quotes)));

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const withoutSecrets = (log: unknown): unknown => {
  if (!isRecord(log)) return null;
  const runs = listOf(log.runs);
  // Results outside of the runs may be of any of them.
  const some = runs.some(isOfSecrets);
  return {
    ...log,
    ...(Array.isArray(log.runs) ? { runs: runs.map((run) => (isOfSecrets(run) ? resultsScrubbed(run) : run)) } : {}),
    ...(some && Array.isArray(log.inlineExternalProperties)
      ? { inlineExternalProperties: log.inlineExternalProperties.map(resultsScrubbed) }
      : {}),
  };
};

const isOfSecrets = (run: unknown): boolean => {
  const driver = isRecord(run) && isRecord(run.tool) && isRecord(run.tool.driver) ? run.tool.driver : undefined;
  return typeof driver?.name === 'string' && secretScanners.has(toolName(driver.name));
};

const resultsScrubbed = (run: unknown): unknown =>
  isRecord(run) && Array.isArray(run.results) ? { ...run, results: run.results.map(findingOf) } : run;

const findingOf = (result: unknown): unknown => {
  const kept = onlyMembers(result, ofSecret);
  if (kept === null || !isRecord(result)) return null;
  const properties = onlyMembers(result.properties, new Set(['security-severity']));
  const isEmpty = properties === null || Object.keys(properties).length === 0;
  return {
    ...(withoutMembers(kept, new Set(['message', 'justification'])) as object),
    message: removed,
    ...(isEmpty ? {} : { properties }),
  };
};
