import { isTestFile } from '../evidence/source-files.ts';
import type { EvidenceType } from '../registry/evidence-types.ts';
import { isCodeFile, type Repository } from './repository.ts';

/**
 * How a repository shows that evidence of a type can be made from it. `shown`: what tells. `send`: what is missing where nothing tells, in a few
 * words. `notSent`: nobody sends it, so a repository lacks nothing: people attest, and Holdpoint looks itself where targets name a place.
 * A type that is added later must stand here, or this does not compile.
 */
type Sign = { readonly shown: (repository: Repository) => boolean; readonly send: string } | 'notSent';

/** Tools and commands that a repository's files name, in lower case. */
const named =
  (...tools: readonly string[]) =>
  ({ tools: found, dependencies, files }: Repository): boolean =>
    tools.some(
      (tool) =>
        found.includes(tool) ||
        dependencies.includes(tool) ||
        files.some((path) => new RegExp(`(?:^|[./_-])${tool.replaceAll('.', '\\.')}(?:[./_-]|$)`, 'i').test(path)),
    );
const file =
  (pattern: RegExp) =>
  ({ files }: Repository): boolean =>
    files.some((path) => pattern.test(path));
const anyOf =
  (...signs: readonly ((repository: Repository) => boolean)[]) =>
  (repository: Repository): boolean =>
    signs.some((shown) => shown(repository));

const tests = ({ files }: Repository): boolean => files.some(isTestFile);

const bill = 'a bill of materials (CycloneDX or SPDX)';

export const signs: Readonly<Record<EvidenceType, Sign>> = {
  junit: { shown: tests, send: 'tests' },
  tap: { shown: tests, send: 'tests' },
  lcov: { shown: tests, send: 'tests' },
  cobertura: { shown: named('cobertura', 'coverlet'), send: 'tests' },
  jacoco: { shown: named('jacoco'), send: 'tests' },
  // `holdpoint scan` writes it from any source.
  sarif: {
    shown: anyOf(({ files }) => files.some(isCodeFile), named('sarif', 'codeql', 'semgrep')),
    send: 'source files for `holdpoint scan`, or a SARIF log',
  },
  gitleaks: { shown: named('gitleaks'), send: 'a report of gitleaks' },
  'npm-audit': { shown: file(/(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml)$/), send: 'a report of npm audit' },
  trivy: { shown: named('trivy'), send: 'a report of Trivy' },
  zap: { shown: named('zaproxy', 'zap-baseline'), send: 'a report of OWASP ZAP' },
  openapi: { shown: ({ openapi }) => openapi !== undefined, send: 'an OpenAPI document' },
  cyclonedx: { shown: anyOf(named('cyclonedx', 'cdxgen', 'syft'), file(/(?:\.cdx\.(?:json|xml)|bom\.(?:json|xml))$/i)), send: bill },
  spdx: { shown: anyOf(named('syft'), file(/\.spdx(?:\.json|\.jsonld)?$/i)), send: bill },
  load: { shown: file(/(?:^|\/)(?:load-?tests?|loadtests?|perf-?tests?)\//i), send: 'a load test' },
  k6: { shown: named('k6'), send: 'a load test' },
  autocannon: { shown: named('autocannon'), send: 'a load test' },
  artillery: { shown: named('artillery'), send: 'a load test' },
  series: { shown: named('holdpoint probe'), send: 'a series: `holdpoint probe` writes it, or Prometheus or CloudWatch answers it' },
  prometheus: { shown: named('query_range', 'promtool'), send: 'an answer of Prometheus' },
  cloudwatch: { shown: named('get-metric-data'), send: 'an answer of CloudWatch' },
  'log-sample': { shown: file(/\.(?:jsonl|ndjson)$|\.log\.json$/i), send: 'a sample of the log, one JSON object a line (*.jsonl)' },
  // Of which kind says the rule (`needs.ts`).
  record: { shown: ({ records }) => records.length > 0, send: 'a record' },
  attestation: 'notSent',
  probes: 'notSent',
  'alarm-state': 'notSent',
  'metric-series': 'notSent',
  'restart-history': 'notSent',
};

/** What is looked for in the files that say how a repository is built and released. */
export const toolsLookedFor: readonly string[] = [
  'cobertura',
  'coverlet',
  'jacoco',
  'codeql',
  'semgrep',
  'sarif',
  'gitleaks',
  'trivy',
  'zaproxy',
  'zap-baseline',
  'cyclonedx',
  'cdxgen',
  'syft',
  'k6',
  'autocannon',
  'artillery',
  'query_range',
  'promtool',
  'get-metric-data',
  'holdpoint probe',
  'holdpoint reviews',
  'holdpoint changes',
];
