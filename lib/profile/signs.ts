import { isTestFile } from '../evidence/source-files.ts';
import type { EvidenceType } from '../registry/evidence-types.ts';
import { isCodeFile, type Repository } from './repository.ts';

/**
 * How a repository shows that evidence of a type can be made from it: by the name of one of these tools, or by what `shown` finds. `send`: what is
 * missing where nothing shows it, in a few words. `notSent`: nobody sends it, so a repository lacks nothing: people attest, and Holdpoint looks
 * itself where targets name a place. A type that is added later must stand here, or this does not compile.
 */
type Sign = { readonly tools?: readonly string[]; readonly shown?: (repository: Repository) => boolean; readonly send: string } | 'notSent';

const file =
  (pattern: RegExp) =>
  ({ files }: Repository): boolean =>
    files.some((path) => pattern.test(path));
const tests = ({ files }: Repository): boolean => files.some(isTestFile);

const bill = 'a bill of materials (CycloneDX or SPDX)';

export const signs: Readonly<Record<EvidenceType, Sign>> = {
  junit: { shown: tests, send: 'tests' },
  tap: { shown: tests, send: 'tests' },
  lcov: { shown: tests, send: 'tests' },
  cobertura: { tools: ['cobertura', 'coverlet'], send: 'tests' },
  jacoco: { tools: ['jacoco'], send: 'tests' },
  // `holdpoint scan` writes it from any source.
  sarif: {
    tools: ['codeql', 'semgrep', 'sarif'],
    shown: ({ files }) => files.some(isCodeFile),
    send: 'source files for `holdpoint scan`, or a SARIF log',
  },
  gitleaks: { tools: ['gitleaks'], send: 'a report of gitleaks' },
  'npm-audit': { shown: file(/(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml)$/), send: 'a report of npm audit' },
  trivy: { tools: ['trivy'], send: 'a report of Trivy' },
  zap: { tools: ['zaproxy', 'zap-baseline'], send: 'a report of OWASP ZAP' },
  openapi: { shown: ({ openapi }) => openapi !== undefined, send: 'an OpenAPI document' },
  cyclonedx: { tools: ['cyclonedx', 'cdxgen', 'syft'], shown: file(/(?:\.cdx\.(?:json|xml)|bom\.(?:json|xml))$/i), send: bill },
  spdx: { tools: ['syft'], shown: file(/\.spdx(?:\.json|\.jsonld)?$/i), send: bill },
  load: { shown: file(/(?:^|\/)(?:load-?tests?|loadtests?|perf-?tests?)\//i), send: 'a load test' },
  k6: { tools: ['k6'], send: 'a load test' },
  autocannon: { tools: ['autocannon'], send: 'a load test' },
  artillery: { tools: ['artillery'], send: 'a load test' },
  series: { tools: ['holdpoint probe'], send: 'a series: `holdpoint probe` writes it, or Prometheus or CloudWatch answers it' },
  prometheus: { tools: ['query_range', 'promtool'], send: 'an answer of Prometheus' },
  cloudwatch: { tools: ['get-metric-data'], send: 'an answer of CloudWatch' },
  'log-sample': { shown: file(/\.(?:jsonl|ndjson)$|\.log\.json$/i), send: 'a sample of the log, one JSON object a line (*.jsonl)' },
  // Of which kind says the rule (`needs.ts`).
  record: { shown: ({ records }) => records.length > 0, send: 'a record' },
  attestation: 'notSent',
  probes: 'notSent',
  'alarm-state': 'notSent',
  'metric-series': 'notSent',
  'restart-history': 'notSent',
};

export const isShown = (sign: Sign, repository: Repository): boolean =>
  sign !== 'notSent' && (isNamed(sign.tools ?? [], repository) || sign.shown?.(repository) === true);

/** Whether the build names one of the tools (in lower case), or a dependency or a file has its name. */
const isNamed = (tools: readonly string[], { tools: found, dependencies, files }: Repository): boolean =>
  tools.some(
    (tool) =>
      found.includes(tool) ||
      dependencies.includes(tool) ||
      files.some((path) => new RegExp(`(?:^|[./_-])${tool.replaceAll('.', '\\.')}(?:[./_-]|$)`, 'i').test(path)),
  );

/** What is looked for in the files that say how a repository is built and released: the tools of all types, and the commands that write records. */
export const toolsLookedFor: readonly string[] = [
  ...new Set(Object.values(signs).flatMap((sign) => (sign === 'notSent' ? [] : (sign.tools ?? [])))),
  'holdpoint reviews',
  'holdpoint changes',
];
